package org.swtdx.seamcall;

/** Level of a Secure EPT entry: what it maps, or the table it points to covers. */
public enum SeptLevel {
  /** Maps 4 KiB. */
  SIZE_4K(0),
  /** Maps 2 MiB, or points to a table of 4 KiB entries. */
  SIZE_2M(1),
  /** Maps 1 GiB, or points to a table of 2 MiB entries. */
  SIZE_1G(2),
  /** Points to a table of 1 GiB entries. */
  SIZE_512G(3),
  /** Points to a table of 512 GiB entries. */
  SIZE_256T(4);

  private static final SeptLevel[] VALUES = values();

  private final int encoding;

  SeptLevel(int encoding) {
    this.encoding = encoding;
  }

  /** The level as operands encode it, 0 to 4. */
  public int encoding() {
    return encoding;
  }

  /** Returns the level with an encoding of 0 to 4. */
  public static SeptLevel of(int encoding) {
    return VALUES[encoding];
  }

  /** Bytes that an entry of this level covers. */
  public long size() {
    return 1L << shift();
  }

  /** Position of the lowest address bit that selects an entry of this level. */
  public int shift() {
    return 12 + 9 * encoding;
  }
}
