package org.swtdx.exec;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.Bpf;
import org.swtdx.exec.linux.PidFd;
import org.swtdx.exec.linux.SeccompListener;
import org.swtdx.exec.linux.Signals;
import org.swtdx.exec.linux.Spawn;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.exec.linux.Tracer;

/**
 * A program as a child of this process, whose filtered calls somebody answers: {@link #prepare},
 * have the listener served, {@link #start}, {@link #await}.
 */
final class Launch implements AutoCloseable {
  private static final int GRACE_MILLIS = 3000;
  private static final int SIGNAL_MASK = 0x7f;
  private static final int KILLED = 128;
  private static final int E2BIG = 7;
  private static final int ENOEXEC = 8;

  private final Arena arena = Arena.ofShared();
  private final String program;
  private final Spawn spawn;
  private final Bpf filter = CallFilter.program();
  private final Thread launcher =
      Thread.ofPlatform().daemon().name("swtdx-launcher").unstarted(this::launch);
  private volatile int listener = Integer.MIN_VALUE;
  private volatile boolean served;
  private volatile boolean abandoned;
  private volatile int pid;
  private @Nullable PidFd process;
  private @Nullable Thread hook;

  private Launch(List<String> command, Map<String, String> environment) {
    program = command.getFirst();
    List<String> settings =
        environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
    spawn = new Spawn(arena, command, settings);
  }

  /**
   * Puts the filter on the thread that is to start the program.
   *
   * @throws LendingException when this system has no such filters, or does not allow them
   */
  static Launch prepare(List<String> command, Map<String, String> environment)
      throws LendingException {
    if (!System.getProperty("os.name").equals("Linux")
        || !System.getProperty("os.arch").equals("amd64")) {
      throw new LendingException("lending /dev/kvm needs Linux on x86-64");
    }
    Launch launch = new Launch(command, environment);
    launch.launcher.start();
    while (launch.listener == Integer.MIN_VALUE) {
      Thread.onSpinWait();
    }
    if (launch.listener < 0) {
      launch.close();
      throw new LendingException(refusal(-launch.listener));
    }
    return launch;
  }

  /** The descriptor of the listener; whoever serves it closes it. */
  int listener() {
    return listener;
  }

  // The filter stays with its thread, and the thread's own calls pass it too: so somebody must be
  // answering before the program is started.
  private void launch() {
    listener = SeccompListener.install(filter);
    while (listener >= 0 && !served && !abandoned) {
      Thread.onSpinWait();
    }
    if (served) {
      int started = spawn.start();
      if (started > 0) {
        Tracer.expect(started);
      }
      pid = started;
    }
  }

  /**
   * Starts the program, whose listener is being served by now. It ends when this JVM is told to.
   *
   * @throws LendingException when it cannot be started
   */
  PidFd start() throws LendingException, InterruptedException {
    Signals.leaveKeyboardToProgram();
    served = true;
    launcher.join();
    if (pid < 0) {
      throw new LendingException("cannot run " + program + ": " + spawnError(program, -pid));
    }
    PidFd started;
    try {
      started = PidFd.open(pid);
    } catch (IOException e) {
      throw new LendingException("cannot watch " + program + ": " + e.getMessage());
    }
    process = started;
    hook = Thread.ofPlatform().unstarted(() -> started.end(GRACE_MILLIS));
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      started.end(GRACE_MILLIS);
      throw new LendingException(program + " was started when everything was about to end");
    }
    return started;
  }

  /** Waits for the program's end: its exit status, or 128 plus the number of a signal. */
  int await() {
    // A blocking wait would take away the stops of traced threads: the descriptor tells the end.
    Objects.requireNonNull(process, "not started").awaitEnd(-1);
    int status = Tracer.reap(pid);
    int signal = status & SIGNAL_MASK;
    return signal != 0 ? KILLED + signal : status >>> 8 & 0xff;
  }

  /** Lets go of the program, or, before its start, of the listener's filter. */
  @Override
  public void close() {
    abandoned = true;
    Thread known = hook;
    if (known != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(known);
      } catch (IllegalStateException e) {
        return; // shutting down: the hook needs the descriptor still
      }
    }
    PidFd started = process;
    if (started != null) {
      started.close();
    }
    try {
      launcher.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return; // the thread may use the arena still
    }
    arena.close();
  }

  /** Why there is no listener: what a refused seccomp call means to the user. */
  static String refusal(int error) {
    return switch (error) {
      case Syscall.EBUSY ->
          "a sandbox around swtdx supervises system calls already (seccomp allows one listener);"
              + " run swtdx outside of it";
      case Syscall.ENOSYS, Syscall.EINVAL ->
          "this kernel has no seccomp user notification; Linux 5.9 or newer has it";
      case Syscall.EACCES, Syscall.EPERM ->
          "a sandbox does not allow seccomp filters; run swtdx outside of it";
      default -> "no seccomp listener: error " + error;
    };
  }

  private static String spawnError(String program, int error) {
    return switch (error) {
      case Syscall.EPERM -> "operation not permitted (EPERM)";
      case Syscall.ENOENT ->
          program.contains("/")
              ? "no such file, or its interpreter is missing (ENOENT)"
              : "no such program on the PATH (ENOENT)";
      case E2BIG -> "its arguments are too long (E2BIG)";
      case ENOEXEC -> "not a program that this machine runs (ENOEXEC)";
      case Syscall.ENOMEM -> "out of memory (ENOMEM)";
      case Syscall.EACCES -> "permission denied (EACCES)";
      default -> "error " + error;
    };
  }
}
