package org.swtdx.fuzz.kvm;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.swtdx.fuzz.Choices;
import org.swtdx.kvm.KvmFile;
import org.swtdx.kvm.UserMemory;
import org.swtdx.kvm.VcpuFile;
import org.swtdx.kvm.VmmProcess;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmRun;

/** A process that uses KVM step by step; its end closes everything. */
final class KvmScenario implements AutoCloseable {
  private static final int[] NUMBERS = constants(KvmIoctl.class);
  private static final int[] ERRORS = constants(Errno.class);
  private static final int ARGUMENTS = 0x8000;
  private static final int MAX_FILES = 40;
  private static final int MAX_TRIES = 4;
  private static final long LONG_RUN_NANOS = 300_000;
  private static final long LONGEST_RUN_SECONDS = 20;

  private final KvmMachine machine;
  private final Choices choices;
  final VmmProcess process;
  final UserMemory memory;

  /** Where structures are put; their end is the end of the mapping. */
  private final long arguments;

  private final List<Integer> files = new CopyOnWriteArrayList<>();
  private final List<Long> mappings = new ArrayList<>();
  private final Values values;

  /** Who is in KVM_RUN. */
  private final Map<Thread, Run> runs = new ConcurrentHashMap<>();

  private record Run(int fd, long since) {}

  private final Future<?> kicks;
  private @Nullable Future<?> runner;
  private volatile boolean stopRunner;

  KvmScenario(KvmMachine machine, Choices choices) {
    this.machine = machine;
    this.choices = choices;
    process = machine.host.newProcess();
    memory = process.memory();
    arguments = memory.mmap(ARGUMENTS);
    mappings.add(memory.mmap(Launch.RAM));
    values = new Values(choices, files, memory, arguments, mappings.getFirst());
    kicks =
        KvmMachine.KICKER.scheduleAtFixedRate(this::kickLongRuns, 200, 200, TimeUnit.MICROSECONDS);
    files.add(process.openKvm().fd());
    files.add(process.eventfd());
    Launch launch = new Launch(process, mappings.getFirst(), choices);
    files.addAll(launch.files());
  }

  /** The values of the public constants of a class. */
  private static int[] constants(Class<?> of) {
    return Arrays.stream(of.getFields()).mapToInt(KvmScenario::value).sorted().toArray();
  }

  private static int value(Field field) {
    try {
      return field.getInt(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  /** Ends runs that have gone on for a while. */
  private void kickLongRuns() {
    long now = System.nanoTime();
    for (Run run : runs.values()) {
      if (now - run.since > LONG_RUN_NANOS && process.file(run.fd) instanceof VcpuFile vcpu) {
        vcpu.kick();
      }
    }
  }

  private int runVcpu(int fd) {
    runs.put(Thread.currentThread(), new Run(fd, System.nanoTime()));
    int result = ioctl(fd, KvmIoctl.RUN, 0);
    runs.remove(Thread.currentThread());
    return result;
  }

  private int anyFile() {
    return files.get(choices.below(files.size()));
  }

  /** One thing that the process does. */
  void step() {
    switch (choices.below(16)) {
      case 0, 1, 2, 3, 4, 5 -> shaped();
      case 6, 7, 8 -> saveChangeRestore();
      case 9 -> raw();
      case 10, 11 -> run();
      case 12 -> startRunner();
      case 13 -> close(choices.below(files.size()));
      case 14 -> memoryStep();
      default -> pokeRun();
    }
  }

  // ---- ioctls ----

  private int ioctl(int fd, int number, long argument) {
    int result = process.ioctl(fd, number, argument);
    if (result < 0 && Arrays.binarySearch(ERRORS, -result) < 0) {
      throw new IllegalStateException(
          "%s (0x%08x) returned %d".formatted(KvmIoctl.name(number), number, result));
    }
    if (result > 2 && process.isOpen(result) && !files.contains(result)) {
      if (files.size() < MAX_FILES) {
        files.add(result);
      } else {
        process.close(result);
      }
    }
    return result;
  }

  /** An ioctl with a structure whose fields are mostly what they should be. */
  private void shaped() {
    int start = choices.below(files.size());
    int[] numbers = choices.coin() ? NUMBERS : Shapes.FAVOURITES;
    int number = numbers[choices.below(numbers.length)];
    Shapes.Shape shape = Shapes.OF_IOCTLS.get(number);
    if (number == KvmIoctl.RUN) {
      run();
      return;
    }
    if (shape == null) {
      onSomeFile(start, number, choices.coin() ? choices.below(16) : arguments);
      return;
    }
    long at = arguments + 0x1000;
    values.put(at, shape);
    if (number == KvmIoctl.MEMORY_ENCRYPT_OP) {
      int command = (int) memory.load(at, 4);
      memory.store(at + 8, 8, arguments + 0x4000);
      if (command >= 0 && command < Shapes.OF_TDX_COMMANDS.size()) {
        values.put(arguments + 0x4000, Shapes.OF_TDX_COMMANDS.get(command));
      }
    }
    onSomeFile(start, number, at);
  }

  /** Tries files until one knows the ioctl. */
  private void onSomeFile(int start, int number, long argument) {
    int known = files.size();
    for (int i = 0; i < Math.min(known, MAX_TRIES); i++) {
      int result = ioctl(files.get((start + i) % known), number, argument);
      if (result != -Errno.ENOTTY && result != -Errno.EINVAL && result != -Errno.EBADF) {
        return;
      }
    }
  }

  /** Reads state, changes some of it, and gives it back. */
  private void saveChangeRestore() {
    int[] pair = Shapes.SAVE_AND_RESTORE[choices.below(Shapes.SAVE_AND_RESTORE.length)];
    int from = anyFile();
    memory.store(arguments, 8, pair[0] == KvmIoctl.GET_SUPPORTED_CPUID ? 100 : choices.below(4));
    ioctl(from, pair[0], arguments);
    int size = Math.max(8, pair[0] >>> 16 & 0x3fff);
    for (int changes = choices.below(6); changes > 0; changes--) {
      int at = choices.u16() % size;
      memory.store(arguments + at, choices.coin() ? 1 : 8, values.value(Kind.WORD));
    }
    ioctl(choices.below(4) == 0 ? anyFile() : from, pair[1], arguments);
  }

  /** Any number with anything. */
  private void raw() {
    int number = choices.coin() ? NUMBERS[choices.below(NUMBERS.length)] : choices.i32();
    byte[] content = choices.bytes(choices.below(64));
    memory.write(arguments, content, 0, content.length);
    long argument =
        switch (choices.below(6)) {
          case 0 -> choices.i64();
          case 1 -> choices.u8();
          case 2 -> arguments + ARGUMENTS - choices.u8();
          default -> arguments;
        };
    KvmFile file = process.file(anyFile());
    if (file != null && choices.below(8) == 0) {
      VmmProcess other = machine.host.newProcess();
      file.ioctl(other, number, argument);
      other.exit();
    } else {
      ioctl(anyFile(), number, argument);
    }
  }

  // ---- vCPUs ----

  private @Nullable Integer someVcpu() {
    int start = choices.below(files.size());
    for (int i = 0; i < files.size(); i++) {
      int fd = files.get((start + i) % files.size());
      if (process.file(fd) instanceof VcpuFile) {
        return fd;
      }
    }
    return null;
  }

  /** A few runs; each ends when it exits or is kicked. */
  private void run() {
    Integer fd = someVcpu();
    for (int i = choices.below(3); fd != null && i >= 0; i--) {
      runVcpu(fd);
    }
  }

  /** Lets another thread run a vCPU from now on. */
  private void startRunner() {
    Integer fd = someVcpu();
    stopRunner();
    if (fd != null) {
      stopRunner = false;
      runner = KvmMachine.RUNNER.submit(() -> runUntilStopped(fd));
    }
  }

  private void runUntilStopped(int fd) {
    while (!stopRunner) {
      runVcpu(fd);
      LockSupport.parkNanos(100_000);
    }
  }

  private void stopRunner() {
    Future<?> running = runner;
    runner = null;
    stopRunner = true;
    if (running != null) {
      try {
        running.get(LONGEST_RUN_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw new IllegalStateException("KVM_RUN threw " + e.getCause(), e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (TimeoutException e) {
        throw new IllegalStateException("KVM_RUN did not return though it was kicked", e);
      }
    }
  }

  /** Changes what user space and KVM share. */
  private void pokeRun() {
    Integer fd = someVcpu();
    if (fd == null || !(process.file(fd) instanceof VcpuFile file)) {
      return;
    }
    KvmRun run = new KvmRun(file.runArea());
    switch (choices.below(8)) {
      case 0 -> run.immediateExit(choices.below(2));
      case 1 -> run.requestInterruptWindow(choices.below(2));
      case 2 -> run.validRegs(values.value(Kind.FLAGS));
      case 3 -> run.dirtyRegs(values.value(Kind.FLAGS));
      case 4 -> run.exitReason(choices.below(48));
      case 5 -> run.mmioData(values.value(Kind.WORD));
      case 6 -> run.hypercallRet(choices.of(0, 11, 22, -1));
      default -> {
        int at = choices.u16() % (KvmRun.SIZE - 8);
        file.runArea()
            .set(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED, at, values.value(Kind.WORD));
      }
    }
    file.dirtyRing()
        .ifPresent(
            ring ->
                ring.set(
                    java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED,
                    8L * choices.below(64),
                    values.value(Kind.SMALL)));
  }

  // ---- files and memory ----

  private void close(int index) {
    if (index == 0) {
      files.add(process.eventfd());
      return;
    }
    if (process.file(files.get(index)) instanceof VcpuFile) {
      stopRunner(); // a file lives as long as somebody is in an ioctl of it
    }
    process.close(files.remove(index));
  }

  private void memoryStep() {
    long ram = mappings.get(choices.below(mappings.size()));
    switch (choices.below(6)) {
      case 0 -> mappings.add(memory.mmap(values.value(Kind.SIZE) & 0x3f_ffff | 1));
      case 1 -> {
        if (mappings.size() > 1) {
          memory.munmap(mappings.remove(mappings.size() - 1));
        }
      }
      case 2 -> memory.discard(ram + 4096L * choices.u8(), 4096L * choices.u8());
      case 3 -> memory.store(ram + 8L * choices.u16(), 8, values.value(Kind.WORD));
      case 4 -> process.eventCounter(anyFile()).ifPresent(event -> event.signal());
      default -> {
        long offset = values.value(Kind.SIZE);
        long length = values.value(Kind.SIZE);
        int mode = choices.below(4);
        process.guestMemfd(anyFile()).ifPresent(file -> file.fallocate(mode, offset, length));
      }
    }
  }

  @Override
  public void close() {
    try {
      stopRunner();
    } finally {
      kicks.cancel(false);
    }
    process.exit();
  }
}
