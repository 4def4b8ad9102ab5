package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENOTTY;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The statistics of a VM or a vCPU, KVM_GET_STATS_FD: a header, an id, descriptors and values, to
 * be read at any offset. It has no ioctls.
 */
public final class StatsFile extends KvmFile {
  private final Vm vm;
  private final Stats stats;
  private final String id;
  private @Nullable MemorySegment shown;

  StatsFile(Vm vm, Stats stats, String id) {
    this.vm = vm;
    this.stats = stats;
    this.id = id;
  }

  /** Bytes of the file. */
  public int size() {
    return stats.image(id).length;
  }

  /**
   * Writes what the file has into {@code target}, of {@link #size} bytes, and from then on each
   * change of a value until the file is released. To be called once.
   */
  public synchronized void keepUpToDate(MemorySegment target) {
    MemorySegment.copy(stats.image(id), 0, target, ValueLayout.JAVA_BYTE, 0, size());
    shown = target;
    stats.showIn(target);
  }

  /**
   * pread(2).
   *
   * @return bytes read, 0 at the end, or -EINVAL for a negative offset
   */
  public int pread(byte[] target, long offset) {
    if (offset < 0) {
      return -EINVAL;
    }
    byte[] image = stats.image(id);
    int count = (int) Math.max(0, Math.min(target.length, image.length - offset));
    if (count > 0) {
      System.arraycopy(image, (int) offset, target, 0, count);
    }
    return count;
  }

  @Override
  int ioctl(UserProcess caller, int number, Argument argument) {
    return -ENOTTY;
  }

  @Override
  public synchronized void release() {
    if (shown != null) {
      stats.showNoMore(shown);
    }
    vm.release(false);
  }
}
