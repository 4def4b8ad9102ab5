package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EFBIG;
import static org.swtdx.kvm.uapi.Errno.EINTR;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENOMEM;
import static org.swtdx.kvm.uapi.Errno.ENOTTY;
import static org.swtdx.kvm.uapi.Errno.EOPNOTSUPP;

import org.swtdx.memory.Hpa;

/** A guest_memfd: memory that belongs to one VM and that its user space cannot map. */
public final class GuestMemfdFile extends KvmFile {
  private static final int KEEP_SIZE = 1;
  private static final int PUNCH_HOLE = 2;

  private final Vm vm;
  private final long size;
  private final FrameTable frames;

  GuestMemfdFile(Vm vm, long size) {
    this.vm = vm;
    this.size = size;
    frames = new FrameTable(vm.frames(), size / Hpa.PAGE_SIZE, vm.hasLargePages());
  }

  /** Bytes of the file. */
  public long size() {
    return size;
  }

  Vm vm() {
    return vm;
  }

  @Override
  int ioctl(UserProcess caller, int number, Argument argument) {
    return -ENOTTY;
  }

  @Override
  public void release() {
    vm.closeFile(this);
  }

  FrameTable frames() {
    return frames;
  }

  /**
   * fallocate(2) with {@code FALLOC_FL_KEEP_SIZE} (1), with or without {@code FALLOC_FL_PUNCH_HOLE}
   * (2): 0 or a negative error number. Punching a hole frees pages and removes them from the guest.
   */
  public int fallocate(int mode, long offset, long length) {
    if (offset < 0 || length <= 0) {
      return -EINVAL;
    }
    if ((mode & KEEP_SIZE) == 0 || (mode & ~(KEEP_SIZE | PUNCH_HOLE)) != 0) {
      return -EOPNOTSUPP;
    }
    if (offset + length < 0) {
      return -EFBIG;
    }
    if (((offset | length) & Hpa.PAGE_SIZE - 1) != 0) {
      return -EINVAL;
    }
    return (mode & PUNCH_HOLE) != 0 ? punchHole(offset, length) : allocate(offset, length);
  }

  private int allocate(long offset, long length) {
    if (offset + length > size) {
      return -EINVAL;
    }
    for (long page = offset / Hpa.PAGE_SIZE; page < (offset + length) / Hpa.PAGE_SIZE; page++) {
      if (Thread.currentThread().isInterrupted()) {
        return -EINTR;
      }
      if (frames.take(page) == FrameTable.NONE) {
        return -ENOMEM;
      }
    }
    return 0;
  }

  private int punchHole(long offset, long length) {
    long from = Math.min(offset, size) / Hpa.PAGE_SIZE;
    long to = Math.min(offset + length, size) / Hpa.PAGE_SIZE;
    return vm.slotTable.punchHole(this, from, to);
  }

  /** Bytes backed by a frame. */
  public long residentBytes() {
    return frames.resident() * Hpa.PAGE_SIZE;
  }
}
