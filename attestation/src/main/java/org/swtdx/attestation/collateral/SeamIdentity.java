package org.swtdx.attestation.collateral;

/**
 * Who signed a TDX module, and its attributes ({@code tdxModule} of TCB info).
 *
 * @param mrSigner measurement of the signer, 96 lower-case hexadecimal digits; zeros for Intel
 * @param attributes attributes as they have to be under the mask
 * @param attributesMask which of them count
 */
public record SeamIdentity(String mrSigner, long attributes, long attributesMask) {}
