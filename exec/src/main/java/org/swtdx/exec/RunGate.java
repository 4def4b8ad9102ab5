package org.swtdx.exec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.kvm.VcpuFile;

/**
 * The way into and out of KVM_RUN for one vCPU. A signal makes the program's call return at once,
 * whether the guest has noticed or not; so an exit may be complete when nobody waits for it. It is
 * kept, with the bytes of kvm_run that belong to it, and is the result of the next KVM_RUN: no exit
 * is lost, none delivered twice.
 */
final class RunGate {
  private static final long IMMEDIATE_EXIT = 1;
  private static final long EXIT_REASON = 8;
  private static final long EXIT_DATA = 32;
  private static final long EXIT_DATA_END = 2 * 4096;

  private static final class Exit {
    final int result;
    final int reason;
    final byte[] data;

    Exit(int result, int reason, byte[] data) {
      this.result = result;
      this.reason = reason;
      this.data = data;
    }
  }

  private final VcpuFile vcpu;
  private final MemorySegment area;
  private final ReentrantLock running = new ReentrantLock();
  private @Nullable Call call;
  private @Nullable Exit undelivered;

  RunGate(VcpuFile vcpu, MemorySegment area) {
    this.vcpu = vcpu;
    this.area = area;
  }

  /** Answers KVM_RUN; blocks until the guest exits or the caller is gone. */
  void run(Call entering, LentProcess process, RunWatch watch) {
    if (!running.tryLock()) {
      kickIfRunning();
      running.lock();
    }
    try {
      Exit kept = undelivered;
      if (kept != null) {
        deliverAgain(entering, kept);
        return;
      }
      int result;
      do {
        result = enter(entering, process, watch);
      } while (result == -Syscall.EINTR && !mayBeInterrupted(entering));
      deliver(entering, result);
    } finally {
      running.unlock();
    }
  }

  private int enter(Call entering, LentProcess process, RunWatch watch) {
    calledBy(entering);
    watch.add(this);
    try {
      return vcpu.ioctl(process, entering.intArgument(1), entering.argument(2));
    } finally {
      watch.remove(this);
      calledBy(null);
    }
  }

  /** Whether EINTR is this caller's: a kick may have been meant for the one before. */
  private boolean mayBeInterrupted(Call entering) {
    return area.get(ValueLayout.JAVA_BYTE, IMMEDIATE_EXIT) != 0
        || !entering.listener().isValid(entering.id());
  }

  /** Ends a run whose call a signal ended; one that is just being answered needs nothing. */
  private synchronized void kickIfRunning() {
    if (call != null) {
      vcpu.kick();
    }
  }

  private synchronized void calledBy(@Nullable Call entering) {
    call = entering;
  }

  private void deliver(Call entering, int result) {
    if (result == -Syscall.EINTR) {
      entering.answer(result);
      return;
    }
    // Saved first: once the call is answered the program may change the page.
    Exit exit = new Exit(result, area.get(ValueLayout.JAVA_INT, EXIT_REASON), data());
    undelivered = entering.answer(result) ? null : exit;
  }

  private byte[] data() {
    return area.asSlice(EXIT_DATA, EXIT_DATA_END - EXIT_DATA).toArray(ValueLayout.JAVA_BYTE);
  }

  private void deliverAgain(Call entering, Exit exit) {
    if (area.get(ValueLayout.JAVA_BYTE, IMMEDIATE_EXIT) != 0) {
      entering.answer(-Syscall.EINTR);
      return;
    }
    area.set(ValueLayout.JAVA_INT, EXIT_REASON, exit.reason);
    MemorySegment.copy(exit.data, 0, area, ValueLayout.JAVA_BYTE, EXIT_DATA, exit.data.length);
    if (entering.answer(exit.result)) {
      undelivered = null;
    }
  }

  /** Makes the guest exit when the program's call is no longer there. */
  synchronized void kickIfAbandoned() {
    Call waiting = call;
    if (waiting != null && !waiting.listener().isValid(waiting.id())) {
      vcpu.kick();
    }
  }

  /** Nobody has a descriptor any more: the guest is to exit. */
  void abandon() {
    vcpu.kick();
  }
}
