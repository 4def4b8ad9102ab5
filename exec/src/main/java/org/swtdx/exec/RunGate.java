package org.swtdx.exec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.PendingSignals;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.kvm.VcpuFile;

/**
 * The way into and out of KVM_RUN for one vCPU. The program's thread waits, and no signal wakes it:
 * its signals are looked for while the guest runs, and end the run as in the kernel. So an answer
 * reaches who it is for. When a tracer has to stop the thread, its call ends and starts again: an
 * exit that is complete by then is kept, with the bytes of kvm_run that belong to it, and is the
 * result of the next KVM_RUN. No exit is lost, none delivered twice. (Before Linux 5.19 signals do
 * wake the thread, and an answer that races one may be lost.)
 */
final class RunGate {
  private static final long IMMEDIATE_EXIT = 1;
  private static final long EXIT_REASON = 8;
  private static final long EXIT_DATA = 32;
  private static final long EXIT_DATA_SIZE = 256;
  private static final int EXIT_IO = 2;
  private static final long IO_SIZE = 33;
  private static final long IO_COUNT = 36;
  private static final long IO_DATA = 4096;

  /** Looks after which a guest that has not left is not expected to do so soon. */
  private static final int LONG_RUN = 50;

  /** An exit that was delivered last, or is to be delivered again. */
  private static final class Exit {
    int result;
    int reason;
    final byte[] data = new byte[(int) EXIT_DATA_SIZE];
    int ioBytes;
    final byte[] io = new byte[4096];
  }

  private final VcpuFile vcpu;
  private final MemorySegment area;
  private final ReentrantLock running = new ReentrantLock();
  private @Nullable Call call;
  private int group;
  private int looks;
  private boolean stopping;
  private @Nullable PendingSignals signals;
  private boolean closed;
  private final Exit last = new Exit();
  private boolean undelivered;

  RunGate(VcpuFile vcpu, MemorySegment area) {
    this.vcpu = vcpu;
    this.area = area;
  }

  /** Answers KVM_RUN; blocks until the guest exits or the caller is gone. */
  void run(Call entering, LentProcess process, RunWatch watch) {
    if (running.isLocked()) {
      kickIfRunning();
    }
    if (!entering.lock(running)) {
      return;
    }
    try {
      if (undelivered) {
        deliverAgain(entering);
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
    calledBy(entering, process.pid());
    watch.add(this);
    try {
      return vcpu.ioctl(process, entering.intArgument(1), entering.argument(2));
    } finally {
      watch.remove(this);
      calledBy(null, 0);
    }
  }

  /** Whether EINTR is this caller's: a kick may have been meant for the one before. */
  private synchronized boolean mayBeInterrupted(Call entering) {
    return area.get(ValueLayout.JAVA_BYTE, IMMEDIATE_EXIT) != 0
        || stopping
        || !entering.listener().isValid(entering.id())
        || hasSignals(entering);
  }

  /** Ends a run whose call a signal ended; one that is just being answered needs nothing. */
  private synchronized void kickIfRunning() {
    if (call != null) {
      vcpu.kick();
    }
  }

  private synchronized void calledBy(@Nullable Call entering, int process) {
    call = entering;
    if (entering != null) {
      group = process;
      looks = 0;
      stopping = false;
    }
  }

  private boolean hasSignals(Call waiting) {
    PendingSignals known = signals;
    if (known != null && (known.tid() != waiting.tid() || known.isStale())) {
      known.close();
      known = null;
    }
    if (known == null && !closed) {
      known = new PendingSignals(waiting.tid(), group);
    }
    signals = known;
    return known != null && known.arePending();
  }

  private void deliver(Call entering, int result) {
    if (result == -Syscall.EINTR) {
      entering.answer(result);
      return;
    }
    // Saved first: once the call is answered the program may change the page.
    last.result = result;
    last.reason = area.get(ValueLayout.JAVA_INT, EXIT_REASON);
    last.ioBytes = last.reason == EXIT_IO ? ioBytes() : 0;
    MemorySegment.copy(area, ValueLayout.JAVA_BYTE, EXIT_DATA, last.data, 0, last.data.length);
    MemorySegment.copy(area, ValueLayout.JAVA_BYTE, IO_DATA, last.io, 0, last.ioBytes);
    undelivered = !entering.answer(result);
  }

  private int ioBytes() {
    int size = Byte.toUnsignedInt(area.get(ValueLayout.JAVA_BYTE, IO_SIZE));
    return (int) Math.min((long) size * area.get(ValueLayout.JAVA_INT, IO_COUNT), last.io.length);
  }

  private void deliverAgain(Call entering) {
    if (area.get(ValueLayout.JAVA_BYTE, IMMEDIATE_EXIT) != 0) {
      entering.answer(-Syscall.EINTR);
      return;
    }
    area.set(ValueLayout.JAVA_INT, EXIT_REASON, last.reason);
    MemorySegment.copy(last.data, 0, area, ValueLayout.JAVA_BYTE, EXIT_DATA, last.data.length);
    MemorySegment.copy(last.io, 0, area, ValueLayout.JAVA_BYTE, IO_DATA, last.ioBytes);
    undelivered = !entering.answer(last.result);
  }

  /**
   * Makes the guest exit when the program asks for it: by immediate_exit, by a signal, by stopping,
   * or by its end. What costs more is looked at less often, and less often the longer a run lasts.
   */
  synchronized void look() {
    Call waiting = call;
    if (waiting == null) {
      return;
    }
    looks++;
    int period = looks > LONG_RUN ? 8 : 2;
    if (area.get(ValueLayout.JAVA_BYTE, IMMEDIATE_EXIT) != 0
        || looks % period == 1 && hasSignals(waiting)
        || looks % 4 == 2 && !waiting.listener().isValid(waiting.id())) {
      vcpu.kick();
    } else if (looks % 64 == 0 && signals != null && signals.isStopping()) {
      stopping = true;
      vcpu.kick();
    }
  }

  /** Nobody has a descriptor any more: the guest is to exit. */
  synchronized void abandon() {
    vcpu.kick();
    closed = true;
    if (signals != null) {
      signals.close();
      signals = null;
    }
  }
}
