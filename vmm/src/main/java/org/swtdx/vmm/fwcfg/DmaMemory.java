package org.swtdx.vmm.fwcfg;

/** Guest memory as a device reaches it: the shared view of a TD. */
public interface DmaMemory {
  /**
   * Reads guest memory.
   *
   * @return whether all of the range is RAM
   */
  boolean read(long gpa, byte[] target, int offset, int length);

  /**
   * Writes guest memory.
   *
   * @return whether all of the range is RAM
   */
  boolean write(long gpa, byte[] source, int offset, int length);
}
