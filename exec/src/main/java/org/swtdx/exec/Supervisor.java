package org.swtdx.exec;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.swtdx.exec.linux.NamelessFile;
import org.swtdx.exec.linux.NamelessFile.Access;
import org.swtdx.exec.linux.SeccompListener;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.exec.linux.Tasks;
import org.swtdx.kvm.GuestMemfdFile;
import org.swtdx.kvm.HostShare;
import org.swtdx.kvm.KvmFile;
import org.swtdx.kvm.KvmHost;
import org.swtdx.kvm.VcpuFile;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.memory.LostMemory;

/** Answers the calls of one program and its descendants. */
final class Supervisor implements AutoCloseable {
  private static final int KVM_RUN = 0xae80;
  private static final int XCOMP_SUPPORTED = 0xe7;
  private static final int XTILEDATA = 18;
  private static final int EIO = 5;
  private static final int EOPNOTSUPP = 95;
  private static final int PROT_EXEC = 4;
  private static final int MAP_SHARED = 1;
  private static final int POLL_MILLIS = 200;
  private static final long PATIENCE_NANOS = 5_000_000;

  /** Unknown ioctls of a program that are named. */
  private static final int MOST_NAMED = 100;

  private final SeccompListener listener;
  private final KvmHost host;
  private final HostShare share;
  private final Descriptors descriptors;
  private final LentFiles files;
  private final EventPoller poller = new EventPoller();
  private final RunWatch runs = new RunWatch();
  private final PathCalls paths = new PathCalls(this::openDevice);
  private final LentProcesses processes = new LentProcesses(this::newProcess);
  private final InFlight inFlight = new InFlight();
  private final Turns turns = new Turns(Tasks::exists);
  private final Set<Integer> unknown = ConcurrentHashMap.newKeySet();
  private final Receivers receivers;

  /**
   * Begins to answer.
   *
   * @param descriptor the filter's listener, which will be closed
   * @param host whose KVM the program gets
   * @param share what it may take of the host
   * @param maxFiles of KVM's that it may have open; as many other files KVM keeps for it
   */
  Supervisor(int descriptor, KvmHost host, HostShare share, int maxFiles) throws IOException {
    listener = new SeccompListener(descriptor);
    this.host = host;
    this.share = share;
    descriptors = new Descriptors(maxFiles);
    try {
      files = new LentFiles(maxFiles, LentFiles.CLOSING);
    } catch (IOException e) {
      runs.close();
      poller.close();
      listener.close();
      throw e;
    }
    receivers = new Receivers(listener, this::answer, runs);
  }

  private void answer(Call call) {
    Call.current(call);
    inFlight.begin(call);
    try {
      switch (call.number()) {
        case Syscall.IOCTL -> ioctl(call);
        case Syscall.MMAP -> map(call);
        case Syscall.GETDENTS64 -> paths.list(call, files.tasks());
        case Syscall.FALLOCATE -> allocate(call);
        case Syscall.FTRUNCATE -> truncate(call);
        case Syscall.ARCH_PRCTL -> permission(call);
        case Syscall.KILL, Syscall.RT_SIGQUEUEINFO -> announceSignal(call, 0);
        case Syscall.TGKILL, Syscall.RT_TGSIGQUEUEINFO -> announceSignal(call, call.intArgument(1));
        default -> paths.answer(call);
      }
    } catch (RuntimeException | Error e) {
      call.answer(errorOf(call, e));
    } finally {
      inFlight.end(call);
      Call.current(null);
    }
  }

  private static int errorOf(Call call, Throwable failure) {
    if (failure instanceof InternalError e && LostMemory.isCauseOf(e)) {
      return -Syscall.EFAULT;
    }
    Messages.warn(
        "call %d of thread %d failed inside swtdx: %s"
            .formatted(call.number(), call.tid(), failure));
    System.getLogger("org.swtdx.exec").log(System.Logger.Level.DEBUG, "failure", failure);
    return -EIO;
  }

  /**
   * Lets a thread stop that a tracer has told to. Its run ends at once; another ioctl does when it
   * seems to wait for what the tracer's holder has. All start again afterwards.
   */
  private void letStop(int tid) {
    Call call = inFlight.of(tid);
    if (call != null
        && call.number() == Syscall.IOCTL
        && (call.intArgument(1) == KVM_RUN || call.age() > PATIENCE_NANOS)) {
      call.restart();
    }
  }

  /**
   * Lets the caller send its signal when it ends no call of another thread that nobody has received
   * yet, and has the guest whose run it is to end exit at once. One to a process goes to its first
   * thread, if that does not block it.
   */
  private void announceSignal(Call call, int thread) {
    int process = call.intArgument(0);
    int signal = call.signal();
    int target = thread == 0 ? process : thread;
    Turns.Turn turn = turns.known(target);
    if (signal != 0 && target != call.tid() && turn != null) {
      inFlight.awaitTurn(call, target, signal, turn, receivers);
    }
    call.letThrough();
    if (signal != 0) {
      runs.expectSignal(process, thread);
    }
  }

  private void ioctl(Call call) {
    Turns.Turn turn = turns.of(call.tid());
    turn.arrived(call);
    LentFile file = files.find(call.tid(), call.intArgument(0));
    if (file == null) {
      call.letThrough();
      return;
    }
    LentProcess process = processes.of(files.tasks().processOfCaller(call.tid()));
    if (process == null) {
      call.answer(-EIO);
      return;
    }
    call.isOf(process);
    if (!files.use(file, lent -> ioctl(call, turn, lent, process))) {
      call.answer(-Syscall.EBADF); // another thread has just closed it
    }
    turn.end();
  }

  private void ioctl(Call call, Turns.Turn turn, LentFile file, LentProcess process) {
    RunGate gate = file.gate();
    if (gate != null && call.intArgument(1) == KVM_RUN) {
      gate.run(call, process, runs, receivers);
      return;
    }
    if (call.lock(turn.lock)) {
      try {
        if (turn.isLatest(call)) {
          carryOut(call, turn, file, process);
        }
      } finally {
        turn.lock.unlock();
      }
    }
  }

  private void carryOut(Call call, Turns.Turn turn, LentFile file, LentProcess process) {
    Long missed = turn.takeMissed(call);
    long result =
        missed != null ? missed : file.file().ioctl(process, call.intArgument(1), call.argument(2));
    if ((result == -Syscall.ENOTTY || result == -Syscall.EINVAL)
        && KvmIoctl.name(call.intArgument(1)).startsWith("0x")
        && unknown.size() < MOST_NAMED
        && unknown.add(call.intArgument(1))) {
      Messages.warn(
          "the program uses ioctl 0x%08x, which is none of KVM's that swtdx knows"
              .formatted(call.intArgument(1)));
    }
    if (!call.answer(result) && !call.isLost()) {
      turn.keep(call, result);
    }
  }

  private LentProcess newProcess(int pid) {
    return new LentProcess(
        pid, share, files, descriptors, poller, host.platform().memory(), this::letStop);
  }

  private long openDevice(Call call, boolean closeOnExec) {
    LentProcess process = processes.of(files.tasks().process(call.tid()));
    if (process == null) {
      return -Syscall.ENOENT;
    }
    try {
      LentFile file = new LentFile(host.open(), NamelessFile.create(0, Access.NONE), process, null);
      return files.give(call, file, closeOnExec);
    } catch (IOException e) {
      Messages.warn("/dev/kvm cannot be opened: %s".formatted(e.getMessage()));
      return -Syscall.ENOMEM;
    }
  }

  /** Only a vCPU's file can be mapped. */
  private void map(Call call) {
    LentFile file = files.find(call.tid(), call.intArgument(4));
    if (file == null) {
      call.letThrough();
    } else if (file.file() instanceof VcpuFile vcpu) {
      boolean executable = (call.intArgument(2) & PROT_EXEC) != 0;
      boolean shared = (call.intArgument(3) & MAP_SHARED) != 0;
      int refused = vcpu.mmap(call.argument(5), call.argument(1), shared, executable);
      if (refused == 0) {
        call.letThrough();
      } else {
        call.answer(refused);
      }
    } else {
      call.answer(-Syscall.ENODEV);
    }
  }

  private void allocate(Call call) {
    LentFile file = files.find(call.tid(), call.intArgument(0));
    if (file == null) {
      call.letThrough();
    } else if (file.file() instanceof GuestMemfdFile memfd) {
      call.answer(memfd.fallocate(call.intArgument(1), call.argument(2), call.argument(3)));
    } else {
      boolean nonsense = call.argument(2) < 0 || call.argument(3) <= 0;
      call.answer(nonsense ? -Syscall.EINVAL : -Syscall.ENODEV);
    }
  }

  /** No file of KVM's has a length to set. */
  private void truncate(Call call) {
    if (files.find(call.tid(), call.intArgument(0)) == null) {
      call.letThrough();
    } else {
      call.answer(-Syscall.EINVAL);
    }
  }

  /** Guests may use every state component that the processor has; none of those is on request. */
  private void permission(Call call) {
    if (call.intArgument(0) == CallFilter.REQ_XCOMP_GUEST_PERM) {
      long feature = call.argument(1);
      // The one feature that has to be asked for is TILEDATA, which the processor lacks.
      call.answer(feature < 0 || feature > XTILEDATA ? -Syscall.EINVAL : -EOPNOTSUPP);
      return;
    }
    LentProcess process = processes.of(files.tasks().process(call.tid()));
    if (process == null) {
      call.answer(-Syscall.EFAULT);
    } else {
      call.isOf(process);
      byte[] mask = new byte[Long.BYTES];
      mask[0] = (byte) XCOMP_SUPPORTED;
      boolean written = process.memory().write(call.argument(1), mask, 0, mask.length);
      call.answer(written ? 0 : -Syscall.EFAULT);
    }
  }

  /** Waits a moment for the end of the last task under the filter; whether there are any. */
  boolean hasPrograms() {
    return !listener.hasHungUp(POLL_MILLIS);
  }

  /** The descriptor that hangs up with the last task under the filter. */
  int listener() {
    return listener.fd();
  }

  /** How many files of a kind programs have open. */
  int open(Class<? extends KvmFile> kind) {
    return files.count(kind);
  }

  /** Whether a process still has files of KVM's, or what belonged to them. */
  boolean holds(int pid) {
    return processes.holds(pid);
  }

  /** Kills every process that has files of KVM's. */
  void kill() {
    processes.kill();
  }

  /**
   * Waits until everything that the program had is given back, and says what is not as it should.
   *
   * @param whose the program
   */
  void awaitEmpty(String whose) throws InterruptedException {
    LentFiles.Rest rest = files.awaitEmpty(processes::areEnding);
    if (rest.elsewhere() > 0) {
      Messages.warn("descriptors of KVM outlived %s".formatted(whose));
    }
    if (rest.kept() > 0) {
      Messages.warn("%d files of KVM that %s had are not given back".formatted(rest.kept(), whose));
    }
  }

  @Override
  public void close() {
    runs.close();
    poller.close();
    files.close();
    receivers.close();
    paths.close();
  }
}
