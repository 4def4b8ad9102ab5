/**
 * Predicts MRTD, the measurement of a TD's initial memory, from a TDVF image alone and says what
 * each section adds to it. Knows no running platform.
 */
package org.swtdx.attestation.mrtd;
