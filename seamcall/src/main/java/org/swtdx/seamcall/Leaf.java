package org.swtdx.seamcall;

/**
 * A host leaf as its wrapper calls it. Each stands above its wrapper and nowhere else. Source: TDX
 * module 1.5 ABI.
 *
 * @param abiName the ABI's name, for example {@code TDH.MEM.PAGE.AUG}
 * @param number the leaf number, RAX bits 15:0
 * @param version the version that the wrapper uses, RAX bits 23:16
 */
public record Leaf(String abiName, int number, int version) {
  /** The value of RAX that selects the leaf. */
  public long rax() {
    return number | (long) version << 16;
  }

  @Override
  public String toString() {
    return abiName;
  }
}
