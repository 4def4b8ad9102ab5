package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;

/**
 * Ordinary VMs and TDs side by side, each in a process of its own: made, run, converted between
 * private and shared while running, and taken apart in random order, again and again. Nothing is
 * left. {@code -Dswtdx.stress.rounds=200 -Dswtdx.stress.vms=8} is the long run.
 */
class StressTest {
  private static final long RANGE = 0x10_0000;

  private final int rounds = Integer.getInteger("swtdx.stress.rounds", 3);
  private final int vms = Integer.getInteger("swtdx.stress.vms", 8);
  private final long seed = Long.getLong("swtdx.stress.seed", 11);

  @Test
  @Timeout(3600)
  void nothingIsLeft() throws Exception {
    TestHost machine = new TestHost(3, 16, port -> port);
    try (ExecutorService threads = Executors.newFixedThreadPool(2 * vms)) {
      for (int round = 0; round < rounds; round++) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < vms; i++) {
          SplittableRandom random = new SplittableRandom(seed + 1000L * round + i);
          boolean trustDomain = i % 2 == 0;
          running.add(
              threads.submit(
                  () -> {
                    if (trustDomain) {
                      trustDomain(machine, random, threads);
                    } else {
                      ordinary(machine, random);
                    }
                  }));
        }
        for (Future<?> each : running) {
          each.get();
        }
        assertThat(machine.host.outstandingFrames()).as("frames, round %d", round).isZero();
        assertThat(machine.host.outstandingKeyIds()).as("KeyIDs, round %d", round).isZero();
      }
    }
    machine.close();
  }

  /** A TD that touches pages while they change sides. */
  private static void trustDomain(
      TestHost machine, SplittableRandom random, ExecutorService threads) {
    TestTd td = TestTd.withVcpu(machine, 0);
    int touches = random.nextInt(4, 12);
    for (int i = 0; i < touches; i++) {
      td.call(0, 30, 1, 1, 0x80, i);
    }
    td.start();
    SplittableRandom own = random.split();
    Future<?> converter =
        threads.submit(
            () -> {
              for (int i = 0; i < 20; i++) {
                long gpa = 0x20_0000 + 0x1000L * own.nextInt((int) (RANGE >>> 12));
                long size = 0x1000L * own.nextInt(1, 32);
                td.attributes(gpa, size, own.nextBoolean() ? KvmMemoryAttributes.PRIVATE : 0);
              }
            });
    for (int i = 0; i < touches; i++) {
      assertThat(td.exit(KvmExit.IO).ioData8(0)).isEqualTo(i);
      td.nextReport();
    }
    await(converter);
    close(td.process, random);
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
    VmmProcess process = machine.host.newProcess();
    KvmVm vm = process.vm(process.openKvm().createVm(random.nextInt(2))).orElseThrow();
    long ram = process.memory().mmap(0x10000);
    assertThat(
            vm.setUserMemoryRegion(
                new KvmUserspaceMemoryRegion().memorySize(0x10000).userspaceAddr(ram)))
        .isZero();
    KvmVcpu vcpu = process.vcpu(vm.createVcpu(0)).orElseThrow();
    KvmSregs sregs = new KvmSregs();
    vcpu.getSregs(sregs);
    vcpu.setSregs(sregs.selector(KvmSregs.CS, 0).base(KvmSregs.CS, 0));
    vcpu.setRegs(new KvmRegs().rip(0x1000).rflags(2));
    // inc al; out 0x80,al; jmp back
    process.memory().store(ram + 0x1000, 8, 0xfa_eb80_e6c0_feL);
    int count = random.nextInt(20, 60);
    for (int i = 1; i <= count; i++) {
      if (random.nextInt(10) == 0) {
        vcpu.kick();
        assertThat(vcpu.run()).isEqualTo(-Errno.EINTR);
      }
      assertThat(vcpu.run()).isZero();
      assertThat(vcpu.kvmRun().ioData8(0)).isEqualTo(i);
    }
    close(process, random);
  }

  /** Closes everything, in any order. */
  private static void close(VmmProcess process, SplittableRandom random) {
    List<Integer> open = new ArrayList<>();
    for (int fd = 0; fd < 64; fd++) {
      if (process.isOpen(fd)) {
        open.add(fd);
      }
    }
    Collections.shuffle(open, new Random(random.nextLong()));
    open.forEach(process::close);
    process.exit();
  }
}
