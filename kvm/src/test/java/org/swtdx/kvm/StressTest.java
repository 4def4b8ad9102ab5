package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.exit;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;

/**
 * Ordinary VMs, software-protected ones and TDs side by side, each in a process of its own: made,
 * run, converted between private and shared while running, and taken apart in random order, again
 * and again. Nothing is left. {@code -Dswtdx.stress.rounds=200} is the long run.
 */
class StressTest {
  private static final int PROCESSORS = 3;
  private static final long LARGE = 1 << 21;

  private final int rounds = Integer.getInteger("swtdx.stress.rounds", 3);
  private final int largeRounds = Integer.getInteger("swtdx.stress.rounds", 1);
  private final int vms = Integer.getInteger("swtdx.stress.vms", 8);
  private final long seed = Long.getLong("swtdx.stress.seed", 11);

  @Test
  @Timeout(3600)
  void nothingIsLeft() throws Exception {
    nothingIsLeft(rounds, Set.of());
  }

  /** TDs that convert have private pages of 2 MiB, and give them back whole or in pieces. */
  @Test
  @Timeout(3600)
  void nothingIsLeftWithLargePages() throws Exception {
    nothingIsLeft(largeRounds, Set.of(KvmExtension.LARGE_PRIVATE_PAGES));
  }

  private void nothingIsLeft(int count, Set<KvmExtension> extensions) throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    try (TestHost machine = new TestHost(1, PROCESSORS, 16, port -> port, extensions)) {
      for (int round = 0; round < count; round++) {
        round(machine, round);
        assertThat(machine.host.outstandingFrames()).as("frames, round %d", round).isZero();
        assertThat(machine.host.outstandingKeyIds()).as("KeyIDs, round %d", round).isZero();
      }
      assertThat(machine.host.kernelLog()).isEmpty();
    }
    Set<Thread> after = new HashSet<>(Thread.getAllStackTraces().keySet());
    after.removeAll(before);
    for (Thread thread : after) {
      thread.join(5000); // a pool is closed a moment before its last thread ends
    }
    after.removeIf(thread -> !thread.isAlive());
    assertThat(after).as("threads").allMatch(thread -> thread.getName().equals("kvm-timers"));
  }

  private void round(TestHost machine, int round) throws Exception {
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < vms; i++) {
        SplittableRandom random = new SplittableRandom(seed + 1000L * round + i);
        int kind = i % 4;
        running.add(
            threads.submit(
                () -> {
                  switch (kind) {
                    case 0 -> converting(machine, random, threads);
                    case 1 -> counting(machine, random, threads);
                    case 2 -> protectedVm(machine, random, threads);
                    default -> ordinary(machine, random);
                  }
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
  }

  private static ConvertingGuest.Shape shape(SplittableRandom random) {
    long block = 4096L << random.nextInt(4);
    int vcpus = random.nextInt(1, PROCESSORS + 1);
    return new ConvertingGuest.Shape(
        vcpus, block * vcpus * random.nextInt(1, 5), block, random.nextInt(1, 4));
  }

  private static ConvertingGuest.Shape largeShape(SplittableRandom random) {
    int vcpus = random.nextInt(1, PROCESSORS + 1);
    return new ConvertingGuest.Shape(vcpus, LARGE * vcpus, LARGE, random.nextInt(1, 3));
  }

  /** A TD whose vCPUs convert what they use; some are stopped before they are done. */
  private static void converting(
      TestHost machine, SplittableRandom random, ExecutorService threads) {
    boolean large = machine.host.has(KvmExtension.LARGE_PRIVATE_PAGES);
    ConvertingGuest.Shape shape = large ? largeShape(random) : shape(random);
    long piece = large ? LARGE >>> 3 * random.nextInt(3) : shape.block();
    ConvertingTd td =
        new ConvertingTd(machine, shape, ConvertingTd.Mode.CONVERT, random.nextBoolean(), piece);
    run(td, random, threads);
    td.close(random);
  }

  /** A software-protected VM that does the same. */
  private static void protectedVm(
      TestHost machine, SplittableRandom random, ExecutorService threads) {
    ConvertingVm vm = new ConvertingVm(machine, shape(random));
    run(vm, random, threads);
    vm.close(random);
  }

  /** A TD that counts in pages which its user space takes away and gives back. */
  private static void counting(TestHost machine, SplittableRandom random, ExecutorService threads) {
    ConvertingTd td =
        new ConvertingTd(
            machine,
            new ConvertingGuest.Shape(2, 0x1_0000, 0x1_0000, random.nextInt(20, 100)),
            ConvertingTd.Mode.COUNT,
            false);
    SplittableRandom own = random.split();
    Future<?> converter =
        threads.submit(
            () -> {
              for (int i = 0; i < 40; i++) {
                long gpa = ConvertingGuest.REGION + 0x1000L * own.nextInt(16);
                td.attributes(gpa, 0x1000L * own.nextInt(1, 16), KvmMemoryAttributes.PRIVATE);
                td.file().fallocate(3, 0x1000L * own.nextInt(16), 0x1000);
                td.attributes(ConvertingGuest.REGION, 0x1_0000, 0);
              }
            });
    run(td, random, threads);
    await(converter);
    td.close(random);
  }

  /** Runs all vCPUs, each on a thread of its own: to the end, for some exits, or until a kick. */
  private static void run(ConvertingGuest guest, SplittableRandom random, ExecutorService threads) {
    long exits = random.nextInt(3) == 0 ? random.nextInt(1, 40) : Long.MAX_VALUE;
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < guest.shape.vcpus(); i++) {
      int index = i;
      running.add(threads.submit(() -> guest.run(index, exits)));
    }
    if (random.nextInt(3) == 0) {
      LockSupport.parkNanos(random.nextInt(2_000_000));
      guest.vcpus.get(random.nextInt(guest.shape.vcpus())).kick();
    }
    running.forEach(StressTest::await);
  }

  private static void await(Future<?> future) {
    try {
      future.get();
    } catch (ExecutionException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** An ordinary VM that counts at a port. */
  private static void ordinary(TestHost machine, SplittableRandom random) {
    OrdinaryVm guest = OrdinaryVm.on(machine).code(0x1000, OrdinaryVm.COUNTING);
    KvmVcpu vcpu = guest.vcpuAt(0, 0x1000);
    int count = random.nextInt(20, 60);
    for (int i = 1; i <= count; i++) {
      if (random.nextInt(10) == 0) {
        vcpu.kick();
        assertThat(vcpu.run()).isEqualTo(-Errno.EINTR);
      }
      assertThat(exit(vcpu, KvmExit.IO).ioData8(0)).isEqualTo(i);
    }
    ConvertingGuest.close(guest.process, random);
  }
}
