package org.swtdx.kvm;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What of the JVM's heap VMs and vCPUs may take together: half, most of the rest being for the code
 * that processors have decoded. Whoever makes too many of them gets -ENOMEM, as of a kernel that is
 * out of memory, and nobody else notices. Any thread.
 */
final class HeapRoom {
  /** What a VM and a vCPU take, generously, in bytes. */
  static final long VM = 32 << 10, VCPU = 200 << 10;

  private final long size;
  private final AtomicLong taken = new AtomicLong();

  /** Room for some bytes. */
  HeapRoom(long size) {
    this.size = size;
  }

  /** Bytes that are taken. */
  long taken() {
    return taken.get();
  }

  /** Takes room; false when there is not so much. */
  boolean take(long bytes) {
    long most = size - bytes;
    return taken.getAndUpdate(now -> now <= most ? now + bytes : now) <= most;
  }

  /** Gives back what {@link #take} took. */
  void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }
}
