package org.swtdx.memory.seam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;

final class PhysicalBusTest {
  private static final PhysicalAddressLayout LAYOUT = PhysicalAddressLayout.DEFAULT;
  private static final int TD = LAYOUT.firstTdxKeyId();
  private static final int OTHER_TD = TD + 1;
  private static final int MKTME = 1;
  private static final long FRAME = 0x7000;

  private PhysicalMemory memory;
  private PhysicalBus bus;
  private final List<Long> invalidated = new ArrayList<>();

  @BeforeEach
  void create() {
    memory =
        PhysicalMemory.create(
            LAYOUT, List.of(new Cmr(new Hpa(0), 4 << 20), new Cmr(new Hpa(1L << 32), 3 << 12)));
    bus = PhysicalBus.of(memory);
    bus.addListener(invalidated::add);
  }

  @AfterEach
  void close() {
    memory.close();
  }

  private static long td(long hpa) {
    return LAYOUT.keyed(hpa, TD);
  }

  @Test
  void ownerReadsBackWhatItWrote() {
    bus.initialize(td(FRAME), 4096);
    bus.store(td(FRAME + 60), 8, 0x0123456789abcdefL); // crosses a line

    assertThat(bus.load(td(FRAME + 60), 8)).isEqualTo(0x0123456789abcdefL);
    assertThat(bus.load(td(FRAME + 63), 1)).isEqualTo(0x89);
    assertThat(bus.load(td(FRAME + 64), 2)).isEqualTo(0x4567);
    assertThat(bus.load(td(FRAME + 64), 4)).isEqualTo(0x01234567L);
  }

  @Test
  void hostSeesCiphertextThatDependsOnTheAddress() {
    bus.initialize(td(FRAME), 4096);

    long first = memory.host().read64(new Hpa(FRAME));
    long second = memory.host().read64(new Hpa(FRAME + 64));

    assertThat(first).isNotZero().isNotEqualTo(second);
    assertThat(memory.host().read64(new Hpa(FRAME))).isEqualTo(first);
    assertThat(bus.load(td(FRAME), 8)).isZero();
  }

  @Test
  void mktmeKeySeesNeitherPlaintextNorCiphertextOfAnotherKey() {
    bus.initialize(td(FRAME), 4096);
    bus.store(td(FRAME), 8, 0x1122334455667788L);

    assertThat(bus.load(LAYOUT.keyed(FRAME, MKTME), 8))
        .isNotEqualTo(0x1122334455667788L)
        .isNotEqualTo(bus.load(FRAME, 8));
  }

  @Test
  void hostWriteOfOneByteIsFoundByTheOwnersNextReadOfThatLineOnly() {
    bus.initialize(td(FRAME), 4096);
    bus.store(td(FRAME + 64), 8, 42);

    memory.host().write8(new Hpa(FRAME + 5), 1);

    assertThatExceptionOfType(MachineCheckException.class)
        .isThrownBy(() -> bus.load(td(FRAME + 32), 4));
    assertThat(bus.load(td(FRAME + 64), 8)).isEqualTo(42);
    assertThat(bus.map(td(FRAME), false)).isEqualTo(PhysicalBus.SLOW);
    assertThat(bus.map(FRAME, false)).isEqualTo(PhysicalBus.SLOW);
  }

  @Test
  void partialHostWriteLeavesTheRestOfTheLineAsTheHostSawIt() {
    bus.initialize(td(FRAME), 4096);
    long rest = memory.host().read64(new Hpa(FRAME + 8));

    memory.host().write64(new Hpa(FRAME), 7);

    assertThat(memory.host().read64(new Hpa(FRAME))).isEqualTo(7);
    assertThat(memory.host().read64(new Hpa(FRAME + 8))).isEqualTo(rest);
  }

  @Test
  void partialStoreWithPrivateKeyOnForeignLineIsAMachineCheckAndChangesNothing() {
    memory.host().write64(new Hpa(FRAME), 99);

    assertThatExceptionOfType(MachineCheckException.class)
        .isThrownBy(() -> bus.store(td(FRAME), 8, 1));

    assertThat(memory.host().read64(new Hpa(FRAME))).isEqualTo(99);
    assertThat(bus.map(FRAME, true)).isPositive();
  }

  @Test
  void wholeLinesChangeHandsWithoutARead() {
    memory.host().write64(new Hpa(FRAME), 99);

    bus.write(td(FRAME), new byte[64], 0, 64);

    assertThat(bus.load(td(FRAME), 8)).isZero();
    assertThat(memory.host().read64(new Hpa(FRAME + 64))).isZero();
    assertThat(memory.host().read64(new Hpa(FRAME))).isNotZero();
  }

  @Test
  void frameThatIsTakenLineByLineIsWholeAgain() {
    memory.host().write64(new Hpa(FRAME), 99);
    for (int line = 0; line < 64; line++) {
      assertThat(bus.map(td(FRAME), true)).isEqualTo(PhysicalBus.SLOW);
      bus.write(td(FRAME + 64 * line), new byte[64], 0, 64);
    }

    assertThat(bus.map(td(FRAME), true)).isPositive();
  }

  @Test
  void freshKeyMakesOldLinesUnreadableToTheSameKeyId() {
    bus.initialize(td(FRAME), 4096);
    long before = bus.load(FRAME, 8);

    bus.programKey(TD);

    assertThatExceptionOfType(MachineCheckException.class).isThrownBy(() -> bus.load(td(FRAME), 8));
    assertThat(bus.load(FRAME, 8)).as("DRAM is unchanged").isEqualTo(before);
    bus.initialize(td(FRAME), 4096);
    assertThat(bus.load(td(FRAME), 8)).isZero();
    assertThat(bus.load(FRAME, 8)).as("another key").isNotEqualTo(before);
  }

  @Test
  void oneTdCannotReadAnother() {
    bus.initialize(td(FRAME), 4096);

    assertThatExceptionOfType(MachineCheckException.class)
        .isThrownBy(() -> bus.load(LAYOUT.keyed(FRAME, OTHER_TD), 1));
  }

  @Test
  void nativeAddressReachesTheSameBytes() {
    bus.initialize(td(FRAME), 4096);
    long address = bus.map(td(FRAME + 24), true);

    NativeAccess.store64(address, -3);

    assertThat(bus.load(td(FRAME + 24), 8)).isEqualTo(-3);
  }

  @Test
  void ownerChangeTakesBackNativeAddresses() {
    assertThat(bus.map(FRAME, false)).isPositive();
    assertThat(invalidated).isEmpty();

    bus.initialize(td(FRAME), 4096);
    bus.initialize(td(FRAME), 4096);

    assertThat(invalidated).containsExactly(FRAME);
  }

  @Test
  void reprogrammingTakesBackNativeAddressesOfThatKeyOnly() {
    bus.initialize(td(FRAME), 8192);
    bus.initialize(LAYOUT.keyed(FRAME + 8192, OTHER_TD), 4096);
    assertThat(bus.map(td(FRAME), true)).isPositive();
    assertThat(bus.map(LAYOUT.keyed(FRAME + 8192, OTHER_TD), true)).isPositive();

    bus.programKey(TD);

    assertThat(invalidated).containsExactly(FRAME);
    assertThat(bus.map(td(FRAME), true)).isEqualTo(PhysicalBus.SLOW);
  }

  @Test
  void removedListenerHearsNothing() {
    FrameInvalidation listener = _ -> invalidated.add(-1L);
    bus.addListener(listener);
    bus.removeListener(listener);
    assertThat(bus.map(FRAME, true)).isPositive();

    bus.initialize(td(FRAME), 4096);

    assertThat(invalidated).containsExactly(FRAME);
  }

  @Test
  void everyKindOfWriteToACodeFrameAdvancesItsGeneration() {
    List<Runnable> writes =
        List.of(
            () -> bus.store(FRAME, 4, 1),
            () -> bus.write(FRAME + 100, new byte[10], 0, 10),
            () -> memory.host().write8(new Hpa(FRAME + 4095), 3),
            () -> memory.host().zero(new Hpa(FRAME), 4096),
            () -> memory.host().compareAndSet64(new Hpa(FRAME), 0, 5),
            () -> bus.map(FRAME, true),
            () -> bus.initialize(td(FRAME), 4096),
            () -> bus.store(td(FRAME + 4), 4, 1));
    CodeFrame code = bus.codeFrame(FRAME);
    for (Runnable write : writes) {
      int before = bus.markCode(FRAME);
      assertThat(code.generation).isEqualTo(before);

      write.run();

      assertThat(code.generation).isEqualTo(before + 1);
    }
  }

  @Test
  void markingTakesBackWritableAddressesSoThatTheNextWriteIsSeen() {
    assertThat(bus.map(FRAME, true)).isPositive();

    CodeFrame code = bus.codeFrame(FRAME);
    bus.markCode(FRAME);
    assertThat(invalidated).containsExactly(FRAME);
    bus.markCode(FRAME);
    assertThat(invalidated).hasSize(1);
    assertThat(bus.map(FRAME, false)).isPositive();
    assertThat(code.generation).isZero();

    assertThat(bus.map(FRAME, true)).isPositive();
    assertThat(code.generation).isEqualTo(1);
  }

  @Test
  void readableAddressesSurviveMarking() {
    assertThat(bus.map(FRAME, false)).isPositive();

    bus.markCode(FRAME);

    assertThat(invalidated).isEmpty();
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void storeThatRacesWithMarkingAdvancesTheGeneration() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (long i = 1; !stop.get(); i++) {
                    bus.store(FRAME, 8, i);
                  }
                });
    CodeFrame code = bus.codeFrame(FRAME);
    long end = System.nanoTime() + 10_000_000_000L; // one processor takes turns
    try {
      for (int round = 0; round < 20_000 && System.nanoTime() < end; round++) {
        int decodedAt = bus.markCode(FRAME);
        long decoded = bus.load(FRAME, 8);
        while (bus.load(FRAME, 8) == decoded) {
          Thread.onSpinWait();
        }
        // What was decoded is stale, so the generation moves, at the latest with the next store.
        while (code.generation == decodedAt) {
          VarHandle.acquireFence();
        }
      }
    } finally {
      stop.set(true);
      writer.join();
    }
  }

  @Test
  void nothingIsThereOutsideTheRanges() {
    long hole = 8 << 20;
    long afterSecond = (1L << 32) + (3 << 12);
    for (long hpa : new long[] {hole, afterSecond, td(hole), 1L << 45}) {
      bus.store(hpa, 8, 5);
      bus.initialize(hpa, 4096);

      assertThat(bus.load(hpa, 8)).isEqualTo(-1);
      assertThat(bus.load(hpa, 2)).isEqualTo(0xffff);
      assertThat(bus.map(hpa, true)).isEqualTo(PhysicalBus.ABSENT);
      assertThat(bus.compareAndExchange(hpa, 8, -1, 3)).isEqualTo(-1);
    }
    assertThat(bus.load((1L << 32) + (2 << 12), 8)).isZero();
  }

  @Test
  void compareAndExchangeWorksOnWholeAndOnMixedFrames() {
    bus.initialize(td(FRAME), 4096);
    for (int round = 0; round < 2; round++) {
      long at = td(FRAME + 128 + 8 * round);
      assertThat(bus.compareAndExchange(at, 8, 1, 2)).isZero();
      assertThat(bus.compareAndExchange(at, 8, 0, 2)).isZero();
      assertThat(bus.compareAndExchange(at, 4, 2, 0xffffffffffL)).isEqualTo(2);
      assertThat(bus.load(at, 8)).isEqualTo(0xffffffffL);
      bus.store(FRAME, 1, 1); // the frame is mixed from here on
    }
  }

  @Test
  void onlyWholeFramesAreInitialized() {
    assertThatIllegalArgumentException().isThrownBy(() -> bus.initialize(td(FRAME + 64), 4096));
    assertThatIllegalArgumentException().isThrownBy(() -> bus.initialize(td(FRAME), 64));
  }

  @Test
  void platformKeyCannotBeProgrammed() {
    assertThatIllegalArgumentException().isThrownBy(() -> bus.programKey(0));
    assertThatIllegalArgumentException().isThrownBy(() -> bus.programKey(64));
  }
}
