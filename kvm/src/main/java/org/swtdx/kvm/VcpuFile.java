package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;
import org.swtdx.kvm.uapi.KvmIoctl;

/** A vCPU's file. Every ioctl on a dead VM, or of another process, gives -EIO. */
public final class VcpuFile extends KvmFile {
  private static final int TYPE = 0xae;

  private final Vcpu vcpu;
  private final VcpuIoctls ioctls;

  VcpuFile(Vcpu vcpu) {
    this.vcpu = vcpu;
    ioctls = new VcpuIoctls(vcpu);
  }

  Vcpu vcpu() {
    return vcpu;
  }

  /**
   * {@code struct kvm_run} and the data of port I/O, where {@link UserProcess#runArea} has them.
   * KVM reads and writes them only while a thread is in KVM_RUN.
   */
  public MemorySegment runArea() {
    return vcpu.run.segment();
  }

  /**
   * What mmap of the file at offset 0x40000 gives: the ring of {@code struct kvm_dirty_gfn}; empty
   * unless KVM_CAP_DIRTY_LOG_RING was enabled.
   */
  public Optional<MemorySegment> dirtyRing() {
    return Optional.ofNullable(vcpu.dirtyRing()).map(DirtyRing::memory);
  }

  /**
   * Whether the process may map the file: 0, or -EINVAL for a mapping that begins or ends in the
   * dirty ring and is private or executable ({@code kvm_vcpu_mmap}).
   *
   * @param offset in the file, bytes
   * @param length bytes, not 0
   */
  public int mmap(long offset, long length, boolean shared, boolean executable) {
    DirtyRing ring = vcpu.dirtyRing();
    boolean inRing = ring != null && (ring.contains(offset) || ring.contains(offset + length - 1));
    return inRing && (executable || !shared) ? -EINVAL : 0;
  }

  /**
   * Sends a signal that nothing blocks to the thread in KVM_RUN: it returns -EINTR soon, also from
   * a halted vCPU, or KVM_RUN does at its next call.
   */
  public void kick() {
    signal(Signals.KILL);
  }

  /**
   * Sends a signal to the thread in KVM_RUN, as {@link #kick} does unless KVM_SET_SIGNAL_MASK
   * blocks it; then it stays pending.
   *
   * @param number 1 to 64
   */
  public void signal(int number) {
    if (number < 1 || number > 64) {
      throw new IllegalArgumentException("there is no signal " + number);
    }
    vcpu.raiseSignal(number);
  }

  /**
   * The signals that are blocked during KVM_RUN, in the place of those that the calling thread
   * blocks: bit n - 1 is signal n. Empty unless KVM_SET_SIGNAL_MASK gave a set. Signals that the
   * thread has, and that the set lacks, end KVM_RUN though the thread may block them.
   */
  public OptionalLong signalMask() {
    return vcpu.signals.mask();
  }

  /** Whether a thread in KVM_RUN waits for something to happen: the guest halts, for example. */
  public boolean isBlocked() {
    return vcpu.isBlocked();
  }

  @Override
  int ioctl(UserProcess caller, int number, Argument arg) {
    if (vcpu.vm().refuses(caller)) {
      return -EIO;
    }
    if (number == KvmIoctl.RUN) {
      return arg.value() != 0 ? -EINVAL : vcpu.run();
    }
    if ((number >>> 8 & 0xff) != TYPE) {
      return -EINVAL;
    }
    return ioctls.call(number, arg);
  }

  @Override
  public void release() {
    vcpu.vm().release(true);
  }
}
