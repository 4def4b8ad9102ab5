/**
 * Measurement and attestation from byte layouts alone: TDVF metadata, MRTD prediction, TDREPORT,
 * quotes. Knows no running platform.
 */
package org.swtdx.attestation;
