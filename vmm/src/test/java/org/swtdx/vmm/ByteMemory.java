package org.swtdx.vmm;

import org.swtdx.vmm.fwcfg.DmaMemory;

/** Guest memory of a few bytes from address 0. */
public final class ByteMemory implements DmaMemory {
  /** The memory. */
  public final byte[] bytes;

  /** Creates zeroed memory. */
  public ByteMemory(int size) {
    bytes = new byte[size];
  }

  private boolean outside(long gpa, int length) {
    return gpa < 0 || gpa + length > bytes.length;
  }

  @Override
  public synchronized boolean read(long gpa, byte[] target, int offset, int length) {
    if (outside(gpa, length)) {
      return false;
    }
    System.arraycopy(bytes, (int) gpa, target, offset, length);
    return true;
  }

  @Override
  public synchronized boolean write(long gpa, byte[] source, int offset, int length) {
    if (outside(gpa, length)) {
      return false;
    }
    System.arraycopy(source, offset, bytes, (int) gpa, length);
    return true;
  }
}
