package org.swtdx.exec;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.Bpf;
import org.swtdx.exec.linux.SeccompListener;
import org.swtdx.exec.linux.Spawn;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.exec.linux.Tracer;
import org.swtdx.kvm.KvmHost;

/**
 * Runs a native program that finds KVM at {@code /dev/kvm}. The program needs to know nothing of
 * it: dynamic or static, with threads and children. Linux on x86-64 only.
 */
public final class Lender {
  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;
  private static final int GRACE_MILLIS = 3000;
  private static final short POLLIN = 1;
  private static final int WNOHANG = 1;
  private static final int SIGNAL_MASK = 0x7f;
  private static final int KILLED = 128;
  private static final int PR_SET_CHILD_SUBREAPER = 36;
  private static final int EACCES = 13;

  private final KvmHost host;

  /** Lends the KVM of a host. */
  public Lender(KvmHost host) {
    this.host = host;
  }

  /**
   * Runs a program to its end.
   *
   * @param command the program, found as a shell does, and its arguments
   * @param environment its environment
   * @return its exit status; 128 plus the signal's number when a signal ended it
   * @throws LendingException when it cannot be started
   */
  public int run(List<String> command, Map<String, String> environment)
      throws LendingException, InterruptedException {
    if (!System.getProperty("os.name").equals("Linux")
        || !System.getProperty("os.arch").equals("amd64")) {
      throw new LendingException("lending /dev/kvm needs Linux on x86-64");
    }
    List<String> settings =
        environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
    try (Arena arena = Arena.ofShared()) {
      Spawn spawn = new Spawn(arena, command, settings);
      Bpf filter = CallFilter.program();
      Syscall.call(Syscall.PRCTL, PR_SET_CHILD_SUBREAPER, 1);
      Launch launch = new Launch(filter, spawn, command.getFirst());
      return launch.run();
    }
  }

  /** One program's life. */
  private final class Launch {
    private final Bpf filter;
    private final Spawn spawn;
    private final String program;
    private volatile int listener = Integer.MIN_VALUE;
    private volatile boolean served;
    private volatile int pid;
    private final CountDownLatch ended = new CountDownLatch(1);

    Launch(Bpf filter, Spawn spawn, String program) {
      this.filter = filter;
      this.spawn = spawn;
      this.program = program;
    }

    int run() throws LendingException, InterruptedException {
      // The filter stays with its thread, and the thread's own calls pass it too: so somebody must
      // be answering before the program is started.
      Thread launcher = Thread.ofPlatform().daemon().name("swtdx-launcher").start(this::launch);
      while (listener == Integer.MIN_VALUE) {
        Thread.onSpinWait();
      }
      if (listener < 0) {
        throw new LendingException(refusal(-listener));
      }
      try (Supervisor supervisor = new Supervisor(new SeccompListener(listener), host)) {
        served = true;
        launcher.join();
        if (pid < 0) {
          throw new LendingException("cannot run " + program + ": " + Errors.text(-pid));
        }
        Thread hook = Thread.ofPlatform().unstarted(this::terminate);
        Runtime.getRuntime().addShutdownHook(hook);
        int status = await(pid);
        ended.countDown();
        while (supervisor.hasPrograms()) {
          reapOrphans();
        }
        removeHook(hook);
        if (!supervisor.awaitEmpty()) {
          Messages.warn("descriptors of KVM outlived the program");
        }
        return status;
      } catch (IOException e) {
        throw new LendingException(String.valueOf(e.getMessage()));
      }
    }

    private void launch() {
      listener = SeccompListener.install(filter);
      while (listener >= 0 && !served) {
        Thread.onSpinWait();
      }
      if (listener >= 0) {
        pid = spawn.start();
      }
    }

    private boolean endsWithin(int millis) {
      try {
        return ended.await(millis, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return false;
      }
    }

    private void terminate() {
      Syscall.call(Syscall.KILL, pid, SIGTERM);
      if (!endsWithin(GRACE_MILLIS)) {
        Syscall.call(Syscall.KILL, pid, SIGKILL);
      }
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // Already shutting down: the hook has done its work.
    }
  }

  private static int await(int pid) {
    // A blocking wait would take away the stops of traced threads: the descriptor tells the end.
    int process = (int) Syscall.call(Syscall.PIDFD_OPEN, pid, 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment poll = arena.allocate(8, 8);
      poll.set(ValueLayout.JAVA_INT, 0, process);
      poll.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
      long ready;
      do {
        ready = Syscall.call(Syscall.POLL, poll.address(), 1, -1);
      } while (ready == -Syscall.EINTR);
      MemorySegment status = arena.allocate(8, 8);
      Tracer.reap(pid, status, 0);
      int value = status.get(ValueLayout.JAVA_INT, 0);
      int signal = value & SIGNAL_MASK;
      return signal != 0 ? KILLED + signal : value >>> 8 & 0xff;
    } finally {
      Syscall.call(Syscall.CLOSE, process);
    }
  }

  /** Takes note of children that the program left behind, which are ours now. */
  private static void reapOrphans() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(8, 8);
      while (Tracer.reap(-1, status, WNOHANG) > 0) {
        Thread.onSpinWait();
      }
    }
  }

  private static String refusal(int error) {
    return switch (error) {
      case Syscall.EBUSY ->
          "a sandbox around swtdx supervises system calls already (seccomp allows one listener);"
              + " run swtdx outside of it";
      case Syscall.ENOSYS, Syscall.EINVAL ->
          "this kernel has no seccomp user notification; Linux 5.9 or newer has it";
      case EACCES, Syscall.EPERM ->
          "a sandbox does not allow seccomp filters; run swtdx outside of it";
      default -> "no seccomp listener: " + Errors.text(error);
    };
  }

  /** The names of error numbers that starting a program gives. */
  private static final class Errors {
    private static final @Nullable String[] NAMES = names();

    private static @Nullable String[] names() {
      @Nullable String[] names = new String[40];
      names[1] = "operation not permitted (EPERM)";
      names[2] = "no such program on the PATH (ENOENT)";
      names[7] = "its arguments are too long (E2BIG)";
      names[8] = "not a program that this machine runs (ENOEXEC)";
      names[12] = "out of memory (ENOMEM)";
      names[13] = "permission denied (EACCES)";
      return names;
    }

    static String text(int error) {
      String name = error < NAMES.length ? NAMES[error] : null;
      return name == null ? "error " + error : name;
    }
  }
}
