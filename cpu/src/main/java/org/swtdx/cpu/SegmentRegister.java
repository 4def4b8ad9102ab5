package org.swtdx.cpu;

/**
 * A segment register with its hidden part.
 *
 * @param selector visible selector
 * @param base linear base address
 * @param limit limit in bytes, after scaling by G
 * @param accessRights type 3:0, S 4, DPL 6:5, P 7, AVL 12, L 13, D/B 14, G 15, unusable 16, as in
 *     the VMCS access-rights format
 */
public record SegmentRegister(int selector, long base, int limit, int accessRights) {
  /** Index of each register in state arrays, in the order of instruction encodings. */
  public static final int ES = 0, CS = 1, SS = 2, DS = 3, FS = 4, GS = 5, LDTR = 6, TR = 7;
}
