package org.swtdx.exec.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * All threads of another process, stopped (ptrace(2)), with the means to make one of them carry out
 * system calls. Afterwards the process goes on as if nothing had been: the calls that the threads
 * waited in start again.
 */
public final class Tracer implements AutoCloseable {
  /** What is done while the threads are stopped. */
  @FunctionalInterface
  interface Work {
    void with(Tracer tracer) throws IOException;
  }

  private static final int GETREGS = 12;
  private static final int SETREGS = 13;
  private static final int DETACH = 17;
  private static final int NEXT_SYSCALL = 24;
  private static final int SEIZE = 0x4206;
  private static final int INTERRUPT = 0x4207;
  private static final int OPTION_SYSGOOD = 1;
  private static final int WALL = 0x40000000;
  private static final int WNOHANG = 1;
  private static final int STOPPED = 0x7f;
  private static final int STOP_NANOS = 20_000;
  private static final long END_NANOS = 5_000_000_000L;

  /** A thread may wait in the kernel, uninterruptibly, for another one that has stopped already. */
  private static final long PATIENCE_NANOS = 5_000_000_000L;

  private static final int NO_STATUS = 0;
  private static final int SIGTRAP = 5;
  private static final int SIGSYS = 31;
  private static final int EVENT_STOP = 128;
  private static final int SYSCALL_STOP = SIGTRAP | 0x80;

  private static final int REGS_SIZE = 27 * 8;
  private static final long R10 = 7 * 8;
  private static final long R9 = 8 * 8;
  private static final long R8 = 9 * 8;
  private static final long RAX = 10 * 8;
  private static final long RDX = 12 * 8;
  private static final long RSI = 13 * 8;
  private static final long RDI = 14 * 8;
  private static final long ORIG_RAX = 15 * 8;
  private static final long RIP = 16 * 8;
  private static final long[] ARGUMENTS = {RDI, RSI, RDX, R10, R8, R9};
  private static final int SYSCALL_LENGTH = 2;
  private static final int SYSCALL_BYTES = 0x050f;
  private static final long ERESTARTSYS = -512;
  private static final long ERESTARTNOHAND = -514;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment status = arena.allocate(8, 8);
  private final MemorySegment regs = arena.allocate(REGS_SIZE, 8);

  /** The threads stopped, each with the signal to be delivered when it goes on. */
  private final Map<Integer, Integer> stopped = new LinkedHashMap<>();

  /** What the threads that made calls for us had in their registers. */
  private final Map<Integer, byte[]> registers = new LinkedHashMap<>();

  /**
   * Read-locked while threads are traced: any wait for a child in this process would get their
   * stops. Several threads may trace at once; one that cannot make a thread stop holds up no other.
   */
  private static final ReentrantReadWriteLock WAITING = new ReentrantReadWriteLock();

  private final IntConsumer letStop;

  /** Children whose end somebody waits for, each with its status when a tracer met with it. */
  private static final Map<Integer, Integer> CHILDREN = new ConcurrentHashMap<>();

  private Tracer(IntConsumer letStop) {
    this.letStop = letStop;
    WAITING.readLock().lock();
  }

  /** Says that a process is a child of this one: its end is not to be lost when it is traced. */
  public static void expect(int child) {
    CHILDREN.put(child, NO_STATUS);
  }

  /** Waits for the end of an expected child without being in a tracer's way: its wait status. */
  public static int reap(int child) {
    WAITING.writeLock().lock();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(8, 8);
      long result = Syscall.call(Syscall.WAIT4, child, status.address(), 0, 0);
      Integer seen = CHILDREN.remove(child);
      return result == child || seen == null ? status.get(ValueLayout.JAVA_INT, 0) : seen;
    } finally {
      WAITING.writeLock().unlock();
    }
  }

  /** Takes note of one child that has ended; its number, or 0 when there is none at the moment. */
  public static long reapAny() {
    if (!WAITING.writeLock().tryLock()) {
      return 0;
    }
    try {
      return Math.max(0, Syscall.call(Syscall.WAIT4, -1, 0, WNOHANG, 0));
    } finally {
      WAITING.writeLock().unlock();
    }
  }

  /**
   * Stops all threads of a process, has something done, and lets them go on. A thread of its own
   * traces: with its end the kernel lets go of a thread that could not be stopped.
   *
   * @param letStop lets a thread stop that was told to, if it waits for an answer of ours; called
   *     with its number until it has stopped
   * @throws IOException when the kernel does not let us trace it, a thread does not stop, or the
   *     work fails
   */
  static void whileStopped(int pid, IntConsumer letStop, Work work) throws IOException {
    FutureTask<Boolean> task =
        new FutureTask<>(
            () -> {
              try (Tracer tracer = stop(pid, letStop)) {
                work.with(tracer);
              }
              return true;
            });
    awaitEnd(Thread.ofPlatform().daemon().name("swtdx-tracer").start(task));
    if (task.state() != Future.State.SUCCESS) {
      Throwable failure = task.exceptionNow();
      if (failure instanceof Error e) {
        throw e;
      }
      throw new IOException(failure.getMessage(), failure);
    }
  }

  private static void awaitEnd(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Tracer stop(int pid, IntConsumer letStop) throws IOException {
    Tracer tracer = new Tracer(letStop);
    try {
      // A thread that runs may start another one; a round without a new one is the last.
      while (tracer.stopNewThreads(pid)) {
        Thread.onSpinWait();
      }
      return tracer;
    } catch (IOException | RuntimeException e) {
      tracer.close();
      throw e;
    }
  }

  private boolean stopNewThreads(int pid) throws IOException {
    boolean found = false;
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      for (Path task : tasks) {
        int tid = Integer.parseInt(task.getFileName().toString());
        if (!stopped.containsKey(tid)) {
          found |= stopThread(tid);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  private boolean stopThread(int tid) throws IOException {
    long result = Syscall.call(Syscall.PTRACE, SEIZE, tid, 0, OPTION_SYSGOOD);
    if (result == -3) {
      return false; // ESRCH: it ended meanwhile
    }
    if (result == -Syscall.EPERM && Tasks.hasEnded(Path.of("/proc/" + tid))) {
      return false; // the first thread, which stays until all others have ended
    }
    if (result < 0) {
      throw new IOException(
          ("process %d cannot be traced (error %d): another tracer, or kernel.yama.ptrace_scope;"
                  + " memory of a memfd can be lent all the same")
              .formatted(tid, -result));
    }
    Syscall.call(Syscall.PTRACE, INTERRUPT, tid);
    Integer signal = awaitStop(tid, letStop, System.nanoTime() + PATIENCE_NANOS);
    if (signal != null) {
      stopped.put(tid, signal);
    }
    return signal != null;
  }

  /** Waits until a thread stops or ends, or it has become late; as {@link #stopSignal}. */
  private @Nullable Integer awaitStop(int tid, IntConsumer meanwhile, long late)
      throws IOException {
    while (true) {
      meanwhile.accept(tid);
      long waited = waitNow(tid);
      if (waited != 0) {
        return stopSignal(tid, waited);
      }
      if (System.nanoTime() - late > 0) {
        throw new IOException(
            "thread %d cannot be stopped: it waits in the kernel (a child of vfork, a disk)"
                .formatted(tid));
      }
      // The first thread of a process that is killed ends when all others have been waited for.
      stopped.keySet().removeIf(other -> other != tid && hasEnded(other));
      LockSupport.parkNanos(this, STOP_NANOS);
    }
  }

  /** What a thread did: its number; 0 when it is as it was; or a negative error number. */
  private long waitNow(int tid) {
    long result;
    do {
      result = Syscall.call(Syscall.WAIT4, tid, status.address(), WALL | WNOHANG, 0);
    } while (result == -Syscall.EINTR);
    return result;
  }

  private boolean hasEnded(int tid) {
    long waited = waitNow(tid);
    return waited != 0 && stopSignal(tid, waited) == null;
  }

  /** The signal that a thread stopped for, 0 if none; null when the thread ended. */
  private @Nullable Integer stopSignal(int tid, long result) {
    int value = status.get(ValueLayout.JAVA_INT, 0);
    if (result < 0) {
      return null;
    }
    if ((value & 0xff) != STOPPED) {
      CHILDREN.computeIfPresent(tid, (_, _) -> value);
      return null;
    }
    int signal = value >>> 8 & 0xff;
    return value >>> 16 == EVENT_STOP || signal == SYSCALL_STOP || signal == SIGTRAP ? 0 : signal;
  }

  /**
   * Makes a stopped thread, which waited in a system call when it was stopped, carry out another
   * one. It starts its own again when it goes on.
   *
   * @return what the call returned
   * @throws IOException when the thread is not in such a place, or ends
   */
  public long call(int tid, int number, long... arguments) throws IOException {
    byte[] own = registers.get(tid);
    if (own == null) {
      own = registersInCall(tid);
      registers.put(tid, own);
    }
    do {
      load(own);
      set(RIP, get(RIP) - SYSCALL_LENGTH);
      set(RAX, number);
      set(ORIG_RAX, -1);
      for (int i = 0; i < arguments.length; i++) {
        set(ARGUMENTS[i], arguments[i]);
      }
      check(Syscall.call(Syscall.PTRACE, SETREGS, tid, 0, regs.address()));
      advance(tid); // to the call's entry
      advance(tid); // to its end
      check(Syscall.call(Syscall.PTRACE, GETREGS, tid, 0, regs.address()));
      // A signal may come, also one that the thread ignores: it is delivered when it goes on.
    } while (isToRestart(get(RAX)));
    if (get(RAX) == number) { // as SECCOMP_RET_TRAP leaves it; none of these calls returns that
      takeTrap(tid);
      throw new IOException(
          "a seccomp filter of thread %d forbids what swtdx has it do (call %d)"
              .formatted(tid, number));
    }
    return get(RAX);
  }

  /**
   * Takes the SIGSYS away that a filter of the program's sends for a call which it did not make.
   */
  private void takeTrap(int tid) throws IOException {
    int signal = nextStop(tid);
    if (signal != 0 && signal != SIGSYS) {
      stopped.put(tid, signal);
      takeTrap(tid);
    }
  }

  private static boolean isToRestart(long result) {
    return result <= ERESTARTSYS && result >= ERESTARTNOHAND;
  }

  private byte[] registersInCall(int tid) throws IOException {
    check(Syscall.call(Syscall.PTRACE, GETREGS, tid, 0, regs.address()));
    MemorySegment code = arena.allocate(SYSCALL_LENGTH, 8);
    if (get(ORIG_RAX) < 0
        || !ProcessMemory.read(tid, get(RIP) - SYSCALL_LENGTH, code)
        || Short.toUnsignedInt(code.get(ValueLayout.JAVA_SHORT, 0)) != SYSCALL_BYTES) {
      throw new IOException("thread " + tid + " was not stopped in a system call");
    }
    return regs.toArray(ValueLayout.JAVA_BYTE);
  }

  private void restore(int tid, byte[] own) {
    load(own);
    if (isToRestart(get(RAX))) {
      // The kernel would have started the call again when it left the stop; now we do.
      set(RAX, get(ORIG_RAX));
      set(RIP, get(RIP) - SYSCALL_LENGTH);
    }
    Syscall.call(Syscall.PTRACE, SETREGS, tid, 0, regs.address());
  }

  private void load(byte[] saved) {
    MemorySegment.copy(saved, 0, regs, ValueLayout.JAVA_BYTE, 0, saved.length);
  }

  private void advance(int tid) throws IOException {
    int signal = nextStop(tid);
    if (signal != 0) {
      stopped.put(tid, signal);
      advance(tid);
    }
  }

  /** Lets a thread go on to an end of a system call, or to a signal, which is returned. */
  private int nextStop(int tid) throws IOException {
    check(Syscall.call(Syscall.PTRACE, NEXT_SYSCALL, tid, 0, 0));
    Integer signal = awaitStop(tid, _ -> {}, System.nanoTime() + Long.MAX_VALUE / 2);
    if (signal == null) {
      stopped.remove(tid);
      throw new IOException("thread " + tid + " ended");
    }
    return signal;
  }

  private long get(long offset) {
    return regs.get(ValueLayout.JAVA_LONG, offset);
  }

  private void set(long offset, long value) {
    regs.set(ValueLayout.JAVA_LONG, offset, value);
  }

  private static void check(long result) throws IOException {
    if (result < 0) {
      throw new IOException("ptrace failed with error " + -result);
    }
  }

  /** Lets all threads go on. */
  @Override
  public void close() {
    registers.forEach(this::restore);
    stopped
        .entrySet()
        .removeIf(
            thread ->
                Syscall.call(Syscall.PTRACE, DETACH, thread.getKey(), 0, thread.getValue()) >= 0);
    awaitEnds();
    arena.close();
    WAITING.readLock().unlock();
  }

  /** Threads that were killed stay, and with them their process, until their tracer has waited. */
  private void awaitEnds() {
    long end = System.nanoTime() + END_NANOS;
    stopped.keySet().removeIf(this::hasEnded);
    while (!stopped.isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(this, STOP_NANOS);
      stopped.keySet().removeIf(this::hasEnded);
    }
    stopped.clear();
  }
}
