package org.swtdx.vmm;

/** A file that is handed to a kernel: the kernel itself, a module, an initial RAM disk. */
public final class BootFile {
  private final String name;
  private final byte[] bytes;

  private BootFile(String name, byte[] bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  /**
   * Wraps a file that is in memory.
   *
   * @param name what the kernel sees as its name, with arguments if it has any
   * @param bytes its contents; copied
   */
  public static BootFile of(String name, byte[] bytes) {
    return new BootFile(name, bytes.clone());
  }

  /** The name. */
  public String name() {
    return name;
  }

  /** Returns a copy of the contents. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Bytes of the contents. */
  public int size() {
    return bytes.length;
  }

  @Override
  public String toString() {
    return name;
  }
}
