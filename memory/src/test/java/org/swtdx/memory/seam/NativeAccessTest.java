package org.swtdx.memory.seam;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;

final class NativeAccessTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = 20_000;

  private PhysicalMemory memory;
  private long page;

  @BeforeEach
  void map() {
    memory =
        PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), 1 << 20)));
    page = PhysicalBus.of(memory).map(0x1000, true);
  }

  @AfterEach
  void close() {
    memory.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void everyOperationChangesItsBytesAndNoOthersAtAnyAlignment(int size) {
    SplittableRandom random = new SplittableRandom(size);
    long mask = -1L >>> 64 - 8 * size;
    for (int offset = 0; offset < 70; offset++) {
      for (int operation = 0; operation < 7; operation++) {
        fillRandom(random);
        byte[] expected = bytes();
        long value = random.nextLong();
        long old = get(expected, offset, size);
        long result =
            switch (operation) {
              case 0 -> old + value;
              case 1 -> value;
              case 2 -> old & value;
              case 3 -> old | value;
              case 4 -> old ^ value;
              case 5 -> value;
              default -> old;
            };
        put(expected, offset, size, result);

        assertThat(apply(operation, page + offset, size, value, old)).isEqualTo(old & mask);
        assertThat(bytes()).isEqualTo(expected);
      }
    }
  }

  private static long apply(int operation, long address, int size, long value, long old) {
    return switch (operation) {
      case 0 -> NativeAccess.getAndAdd(address, size, value);
      case 1 -> NativeAccess.getAndSet(address, size, value);
      case 2 -> NativeAccess.getAndAnd(address, size, value);
      case 3 -> NativeAccess.getAndOr(address, size, value);
      case 4 -> NativeAccess.getAndXor(address, size, value);
      case 5 -> NativeAccess.compareAndExchange(address, size, old, value);
      default -> NativeAccess.compareAndExchange(address, size, old ^ 1, value);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "1,0", "1,3", "2,0", "2,1", "2,6", "2,7", "4,0", "4,2", "4,5", "8,0", "8,3", "8,60", "4,61"
  })
  void noIncrementIsLost(int size, int offset) throws Exception {
    inParallel(() -> repeat(() -> NativeAccess.getAndAdd(page + offset, size, 1)));

    assertThat(NativeAccess.load(page + offset, size))
        .isEqualTo((long) THREADS * ROUNDS & -1L >>> 64 - 8 * size);
  }

  @Test
  void neighboursInOneWordDoNotDisturbEachOther() throws Exception {
    List<Runnable> tasks = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      long address = page + 2 * i;
      tasks.add(() -> repeat(() -> NativeAccess.getAndAdd(address, 2, 3)));
    }

    inParallel(tasks);

    for (int i = 0; i < THREADS; i++) {
      assertThat(NativeAccess.load16(page + 2 * i)).isEqualTo(3 * ROUNDS & 0xffff);
    }
  }

  @Test
  void splitAndOrdinaryAtomicsLoseNothingOfEachOther() throws Exception {
    // An operand across two words, and counters in the bytes beside it in both of them.
    inParallel(
        List.of(
            () -> repeat(() -> NativeAccess.getAndAdd(page + 6, 4, 1)),
            () -> repeat(() -> NativeAccess.getAndAdd(page, 2, 1)),
            () -> repeat(() -> NativeAccess.getAndAdd(page + 10, 2, 1)),
            () -> repeat(() -> NativeAccess.getAndAdd(page + 6, 4, 1))));

    assertThat(NativeAccess.load32(page + 6)).isEqualTo(2 * ROUNDS);
    assertThat(NativeAccess.load16(page)).isEqualTo(ROUNDS);
    assertThat(NativeAccess.load16(page + 10)).isEqualTo(ROUNDS);
  }

  @Test
  void halvesOfASplitOperandMayHaveUnrelatedAddresses() {
    NativeAccess.store8(page + 4095, 0x11);
    NativeAccess.store32(page + 64, 0x00443322);

    long seen = SplitLock.compareAndExchange(page + 4095, 1, page + 64, 4, 0x44332211, 0x0a0b0c0d);

    assertThat(seen).isEqualTo(0x44332211);
    assertThat(NativeAccess.load8(page + 4095)).isEqualTo(0x0d);
    assertThat(NativeAccess.load32(page + 64)).isEqualTo(0x000a0b0c);
  }

  @Test
  void sixteenByteExchangesAreIndivisibleToEachOther() throws Exception {
    inParallel(
        () -> {
          long[] pair = new long[2];
          for (int i = 0; i < ROUNDS; i++) {
            while (!SplitLock.compareAndExchange16(page + 32, pair, pair[0] + 1, pair[1] - 1)) {
              assertThat(pair[0]).isEqualTo(-pair[1]);
            }
          }
        });

    assertThat(NativeAccess.load64(page + 32)).isEqualTo((long) THREADS * ROUNDS);
    assertThat(NativeAccess.load64(page + 40)).isEqualTo((long) -THREADS * ROUNDS);
  }

  @Test
  void storesAreSeenInOrder() throws Exception {
    long stop = 200_000;
    inParallel(
        List.of(
            () -> {
              for (long i = 1; i <= stop; i++) {
                NativeAccess.store64(page, i);
                NativeAccess.store64(page + 512, i);
              }
            },
            () -> {
              long second;
              do {
                second = NativeAccess.load64(page + 512);
                assertThat(NativeAccess.load64(page)).isGreaterThanOrEqualTo(second);
              } while (second < stop);
            }));
  }

  @Test
  void overlappingCopiesMoveBytesAsThroughABuffer() {
    byte[] source = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
    NativeAccess.write(page, source, 0, 16);

    NativeAccess.copy(page, page + 3, 12);
    NativeAccess.fill(page + 15, 2, (byte) 0xee);

    byte[] target = new byte[18];
    NativeAccess.read(page, target, 1, 17);
    assertThat(HexFormat.of().formatHex(target)).isEqualTo("00000102000102030405060708090a0beeee");
  }

  private void fillRandom(SplittableRandom random) {
    byte[] bytes = new byte[96];
    random.nextBytes(bytes);
    NativeAccess.write(page, bytes, 0, bytes.length);
  }

  private byte[] bytes() {
    byte[] bytes = new byte[96];
    NativeAccess.read(page, bytes, 0, bytes.length);
    return bytes;
  }

  private static long get(byte[] bytes, int offset, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | bytes[offset + i] & 0xff;
    }
    return value;
  }

  private static void put(byte[] bytes, int offset, int size, long value) {
    for (int i = 0; i < size; i++) {
      bytes[offset + i] = (byte) (value >>> 8 * i);
    }
  }

  private static void repeat(Runnable action) {
    for (int i = 0; i < ROUNDS; i++) {
      action.run();
    }
  }

  private static void inParallel(Runnable task) throws Exception {
    inParallel(Collections.nCopies(THREADS, task));
  }

  private static void inParallel(List<Runnable> tasks)
      throws InterruptedException, ExecutionException {
    try (ExecutorService pool = Executors.newFixedThreadPool(tasks.size())) {
      List<Future<?>> running = new ArrayList<>();
      for (Runnable task : tasks) {
        running.add(pool.submit(task));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
  }
}
