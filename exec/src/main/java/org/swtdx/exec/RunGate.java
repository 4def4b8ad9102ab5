package org.swtdx.exec;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.PendingSignals;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.kvm.VcpuFile;
import org.swtdx.memory.LostMemory;

/**
 * The way into and out of KVM_RUN for one vCPU. The program's thread waits, and no signal wakes it:
 * its signals are looked for while the guest runs, and end the run as in the kernel. So an answer
 * reaches who it is for. When a tracer has to stop the thread, its call ends and starts again: an
 * exit that is complete by then is kept, with the bytes of kvm_run that belong to it, and is the
 * result of the next KVM_RUN. No exit is lost, none delivered twice. (Before Linux 5.19 signals do
 * wake the thread, and an answer that races one may be lost.)
 */
final class RunGate {
  /** A run that is younger needs no look: it may be over before the look is. */
  private static final long YOUNG_NANOS = 80_000;

  /** A run that took no longer is followed by another such, most likely. */
  private static final long QUICK_NANOS = 50_000;

  /** A run that has taken so long is not expected to end soon. */
  private static final long LONG_NANOS = 10_000_000;

  /** How often signals are looked for, in a run that began lately and in a long one. */
  private static final long SIGNALS_NANOS = 200_000;

  private static final long SIGNALS_OF_LONG_NANOS = 900_000;

  /** How often the caller is looked for, and its process told to stop. */
  private static final long CALLER_NANOS = 500_000;

  private static final long STOP_NANOS = 8_000_000;

  /** How long a signal takes to arrive that somebody is about to send. */
  private static final long SIGNAL_NANOS = 300_000;

  /** Keeps looks apart. For one thread. */
  private static final class Spacing {
    private long last = System.nanoTime();

    /** Whether the last look was long enough ago; then this is one. */
    boolean isDue(long now, long nanos) {
      if (now - last < nanos) {
        return false;
      }
      last = now;
      return true;
    }
  }

  private final VcpuFile vcpu;
  private final RunPages pages;
  private final ReentrantLock running = new ReentrantLock();

  /** The call that the guest runs for; null while it does not. */
  private volatile @Nullable Call call;

  /** The process whose the VM is; another's calls run nothing. */
  private volatile int group;

  private volatile long began;
  private volatile long ended = System.nanoTime();
  private volatile boolean watched;
  private volatile boolean stopping;
  private volatile long signalExpected = ended - SIGNAL_NANOS;
  private final Spacing signalsLooked = new Spacing();
  private final Spacing callerLooked = new Spacing();
  private final Spacing stopLooked = new Spacing();
  private boolean quick = true;
  private final Object signalsLock = new Object();
  private @Nullable PendingSignals signals;
  private boolean closed;

  /** What the last KVM_RUN returned, and whether it is to be delivered again. */
  private int last;

  private boolean undelivered;

  /** Whether the program has cut kvm_run off, so that nobody may touch it any more. */
  private volatile boolean cutOff;

  RunGate(VcpuFile vcpu, RunPages pages) {
    this.vcpu = vcpu;
    this.pages = pages;
  }

  /** Answers KVM_RUN; blocks until the guest exits or the caller is gone. */
  void run(Call entering, LentProcess process, RunWatch watch, Receivers receivers) {
    if (running.isLocked()) {
      receivers.handOn();
      kickIfRunning();
    }
    if (!entering.lock(running)) {
      return;
    }
    try {
      if (cutOff) {
        entering.answer(-Syscall.EFAULT);
        return;
      }
      if (undelivered) {
        deliverAgain(entering);
        return;
      }
      if (!quick) {
        receivers.handOn();
      }
      int result;
      do {
        result = enter(entering, process, watch);
      } while (result == -Syscall.EINTR && !mayBeInterrupted(entering));
      deliver(entering, result);
    } catch (InternalError e) {
      LostMemory.expect(e);
      entering.answer(-Syscall.EFAULT);
    } finally {
      running.unlock();
    }
  }

  /** Ends the guest's run, and all later ones: kvm_run cannot be accessed. */
  void cutOff() {
    cutOff = true;
    vcpu.kick();
  }

  private int enter(Call entering, LentProcess process, RunWatch watch) {
    long start = System.nanoTime();
    began = start;
    group = process.pid();
    stopping = false;
    call = entering;
    watchedBy(watch);
    try {
      if (vcpu.signalMask().isPresent() && hasSignals(entering)) {
        vcpu.kick(); // one that the thread blocks may have waited for a while
      }
      pages.take();
      int result = vcpu.ioctl(process, entering.intArgument(1), entering.argument(2));
      pages.give();
      return result;
    } finally {
      call = null;
      long end = System.nanoTime();
      ended = end;
      quick = end - start < QUICK_NANOS;
    }
  }

  private void watchedBy(RunWatch watch) {
    if (!watched) {
      watched = true;
      watch.add(this);
    }
  }

  /** The watch has stopped to look at this gate; it goes on if the guest has just begun to run. */
  void unwatched(RunWatch watch) {
    watched = false;
    if (isRunning()) {
      watchedBy(watch);
    }
  }

  /** Whether the guest runs. */
  boolean isRunning() {
    return call != null;
  }

  /** Whether the guest does something that may soon end its run: it is not just waiting. */
  boolean isActive() {
    return call != null && !vcpu.isBlocked();
  }

  /** Whether EINTR is this caller's: a kick may have been meant for the one before. */
  private boolean mayBeInterrupted(Call entering) {
    return cutOff
        || pages.immediateExit()
        || stopping
        || !entering.listener().isValid(entering.id())
        || signalArrives(entering);
  }

  /** Whether a signal waits, or one that was announced arrives soon. */
  @SuppressWarnings("ThreadPriorityCheck") // the sender may need this CPU to get there
  private boolean signalArrives(Call entering) {
    while (!hasSignals(entering)) {
      if (System.nanoTime() - signalExpected >= SIGNAL_NANOS) {
        return false;
      }
      Thread.yield();
    }
    signalExpected = System.nanoTime() - SIGNAL_NANOS;
    entering.hasSignal();
    return true;
  }

  /** A signal may be about to reach a thread of a process, or any one if {@code tid} is 0. */
  void expectSignal(int process, int tid) {
    Call waiting = call;
    if (waiting != null && process == group && (tid == 0 || tid == waiting.tid())) {
      signalExpected = System.nanoTime();
      vcpu.kick();
    }
  }

  /** Ends a run whose call a signal ended; one that is just being answered needs nothing. */
  private void kickIfRunning() {
    if (isRunning()) {
      vcpu.kick();
    }
  }

  private boolean hasSignals(Call waiting) {
    synchronized (signalsLock) {
      PendingSignals known = signals;
      if (known != null && (known.tid() != waiting.tid() || known.isStale())) {
        known.close();
        known = null;
      }
      if (known == null && !closed) {
        known = new PendingSignals(waiting.tid(), group);
      }
      signals = known;
      return known != null && known.arePending(vcpu.signalMask());
    }
  }

  private boolean isToStop() {
    synchronized (signalsLock) {
      return signals != null && signals.isStopping();
    }
  }

  private void deliver(Call entering, int result) {
    if (result == -Syscall.EINTR) {
      entering.answer(result);
      return;
    }
    if (result == -Syscall.EFAULT) {
      VgaAdvice.forFailedRun(pages.run());
    }
    last = result;
    undelivered = !entering.answer(result);
  }

  private void deliverAgain(Call entering) {
    if (pages.immediateExit()) {
      entering.answer(-Syscall.EINTR);
      return;
    }
    pages.give();
    undelivered = !entering.answer(last);
  }

  /**
   * Makes the guest exit when the program asks for it: by immediate_exit, by a signal, by stopping,
   * or by its end. What costs more is looked at less often, and less often the longer a run lasts.
   *
   * @return how long ago the guest was seen to exit, in nanoseconds
   */
  long look(long now) {
    Call waiting = call;
    if (waiting != null && now - began >= YOUNG_NANOS && !cutOff) {
      look(waiting, now);
    }
    return now - ended;
  }

  private void look(Call waiting, long now) {
    long spacing = now - began > LONG_NANOS ? SIGNALS_OF_LONG_NANOS : SIGNALS_NANOS;
    boolean ends =
        pages.immediateExit()
            || signalsLooked.isDue(now, spacing) && hasSignals(waiting)
            || callerLooked.isDue(now, CALLER_NANOS) && !waiting.listener().isValid(waiting.id());
    if (!ends && stopLooked.isDue(now, STOP_NANOS)) {
      stopping = isToStop();
      ends = stopping;
    }
    if (ends) {
      vcpu.kick();
    }
  }

  /** Nobody has a descriptor any more: the guest is to exit. */
  void abandon() {
    vcpu.kick();
  }

  /** Nobody is in a call any more. */
  void close() {
    synchronized (signalsLock) {
      closed = true;
      if (signals != null) {
        signals.close();
        signals = null;
      }
    }
  }
}
