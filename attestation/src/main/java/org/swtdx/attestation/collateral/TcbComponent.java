package org.swtdx.attestation.collateral;

/**
 * One of the sixteen parts of a TCB level.
 *
 * @param svn its security version, 0 to 255
 * @param category who updates it, such as {@code BIOS}; may be empty
 * @param type what it is, such as {@code SEAMLDR ACM}; may be empty
 */
public record TcbComponent(int svn, String category, String type) {}
