/**
 * TDVF images: finds the TDX metadata of a firmware image, checks it, and says what belongs where
 * in guest memory. Bytes come in, {@link org.swtdx.attestation.tdvf.TdvfImage} or a one-line {@link
 * org.swtdx.attestation.tdvf.TdvfException} comes out. Knows neither machine nor measurement.
 */
package org.swtdx.attestation.tdvf;
