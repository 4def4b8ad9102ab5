package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.kvm.uapi.KvmIoctl;

/**
 * Random ioctls with random structures, addresses and orders, on all kinds of files of all types of
 * VM: nothing is thrown, nothing hangs, and nothing is left when the files are closed. The seed and
 * the number of rounds can be given: {@code -Dswtdx.fuzz.seed}, {@code -Dswtdx.fuzz.rounds}.
 */
class IoctlFuzzTest {
  private static final int[] NUMBERS =
      Arrays.stream(KvmIoctl.class.getFields()).mapToInt(IoctlFuzzTest::value).toArray();
  private static final int[] TYPES = {0, 1, 5};
  private static final int CALLS = 400;

  private final long seed = Long.getLong("swtdx.fuzz.seed", 1);
  private final int rounds = Integer.getInteger("swtdx.fuzz.rounds", 12);
  @AutoClose private final TestHost machine = new TestHost();

  private static int value(Field field) {
    try {
      return field.getInt(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @Timeout(120)
  void nothingIsThrownHangsOrLeaks() {
    try (ScheduledExecutorService kicker = Executors.newSingleThreadScheduledExecutor()) {
      for (int round = 0; round < rounds; round++) {
        round(new SplittableRandom(seed + round), kicker, seed + round);
      }
    }
  }

  private void round(SplittableRandom random, ScheduledExecutorService kicker, long seedOfRound) {
    VmmProcess process = machine.newProcess();
    long memory = process.memory().mmap(0x40000);
    int system = process.openKvm().fd();
    List<Integer> files = new CopyOnWriteArrayList<>(List.of(system, process.eventfd()));
    files.add(process.ioctl(system, KvmIoctl.CREATE_VM, TYPES[random.nextInt(3)]));
    var kicks =
        kicker.scheduleAtFixedRate(
            () -> files.forEach(fd -> kick(process, fd)), 1, 1, TimeUnit.MILLISECONDS);
    try {
      for (int i = 0; i < CALLS; i++) {
        int fd = files.get(random.nextInt(files.size()));
        int number = number(random);
        fill(process, memory, random, files);
        long argument = argument(random, memory);
        int result = process.ioctl(fd, number, argument);
        assertThat(result)
            .as("seed %d, call %d: %s", seedOfRound, i, KvmIoctl.name(number))
            .isGreaterThan(-4096);
        if (result > 2 && process.isOpen(result) && !files.contains(result)) {
          files.add(result);
        }
        if (random.nextInt(60) == 0 && files.size() > 4) {
          process.close(files.remove(3 + random.nextInt(files.size() - 3)));
        }
      }
    } finally {
      kicks.cancel(false);
    }
    process.exit();
    assertThat(machine.host.outstandingFrames()).as("seed %d", seedOfRound).isZero();
    assertThat(machine.host.outstandingKeyIds()).as("seed %d", seedOfRound).isZero();
  }

  private static void kick(VmmProcess process, int fd) {
    if (process.file(fd) instanceof VcpuFile vcpu) {
      vcpu.kick();
    }
  }

  private static int number(SplittableRandom random) {
    int known = NUMBERS[random.nextInt(NUMBERS.length)];
    return switch (random.nextInt(20)) {
      case 0 -> random.nextInt();
      case 1 -> known ^ 1 << random.nextInt(32);
      default -> known;
    };
  }

  private static long argument(SplittableRandom random, long memory) {
    return switch (random.nextInt(12)) {
      case 0 -> random.nextLong();
      case 1 -> random.nextInt(8);
      case 2 -> 0;
      case 3 -> memory + 0x40000 - random.nextInt(600);
      default -> memory;
    };
  }

  /** Values that mean something somewhere: small numbers, addresses, descriptors, single bits. */
  private static void fill(
      VmmProcess process, long memory, SplittableRandom random, List<Integer> files) {
    int words = random.nextInt(1, 40);
    for (int i = 0; i < words; i++) {
      long value =
          switch (random.nextInt(9)) {
            case 0 -> random.nextLong();
            case 1 -> 1L << random.nextInt(64);
            case 2, 3 -> random.nextInt(16);
            case 4 -> memory + 0x1000L * random.nextInt(0x40);
            case 5 -> files.get(random.nextInt(files.size()));
            case 6 -> 0x1000L * random.nextInt(64);
            case 7 -> random.nextInt(256) | (long) random.nextInt(256) << 32;
            default -> 0;
          };
      process.memory().store(memory + 8L * i, 8, value);
    }
  }
}
