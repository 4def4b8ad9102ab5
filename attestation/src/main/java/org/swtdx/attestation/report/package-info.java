/**
 * The TDREPORT as TDG.MR.REPORT lays it out: read, compose, and check its inner hashes. Its MAC can
 * be checked by the platform that made it alone, so that check comes in as an interface.
 */
package org.swtdx.attestation.report;
