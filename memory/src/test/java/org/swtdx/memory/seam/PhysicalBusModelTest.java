package org.swtdx.memory.seam;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.memory.engine.LineModel;

/**
 * Random operations on a few frames, each compared with {@link LineModel}, which knows nothing but
 * lines. Beside it a TLB holds every native address that was handed out and not taken back: each of
 * them must stay good for its key.
 */
final class PhysicalBusModelTest {
  private static final PhysicalAddressLayout LAYOUT = new PhysicalAddressLayout(46, 3, 3, 4);
  private static final int FRAMES = 4;
  private static final int STEPS = 30_000;

  private final SplittableRandom random;
  private final PhysicalMemory memory;
  private final PhysicalBus bus;
  private final LineModel model;
  private final boolean[] readable = new boolean[FRAMES << LAYOUT.keyIdBits()];
  private final boolean[] writable = new boolean[FRAMES << LAYOUT.keyIdBits()];
  private final int[] markedGeneration = new int[FRAMES];
  private final long[] markedVersion = new long[FRAMES];
  private final CodeFrame[] code = new CodeFrame[FRAMES];

  PhysicalBusModelTest() {
    random = new SplittableRandom(0);
    memory =
        PhysicalMemory.create(
            LAYOUT, List.of(new Cmr(new Hpa(0), FRAMES << 12)), new SplittableRandom(1));
    bus = PhysicalBus.of(memory);
    model = new LineModel(LAYOUT, FRAMES, new SplittableRandom(1));
    bus.addListener(this::drop);
    for (int frame = 0; frame < FRAMES; frame++) {
      code[frame] = bus.codeFrame((long) frame << 12);
      markedGeneration[frame] = -1;
    }
  }

  private void drop(long hpa) {
    for (int keyId = 0; keyId < 1 << LAYOUT.keyIdBits(); keyId++) {
      readable[slot(hpa, keyId)] = false;
      writable[slot(hpa, keyId)] = false;
    }
  }

  private static int slot(long hpa, int keyId) {
    return (int) (hpa >>> 12) << LAYOUT.keyIdBits() | keyId;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void randomOperationsAgreeWithTheModel(long seed) {
    SplittableRandom operations = new SplittableRandom(seed);
    try (memory) {
      for (int step = 0; step < STEPS; step++) {
        step(operations);
        checkHandedOutAddresses();
        checkCodeGenerations();
      }
    }
  }

  private void step(SplittableRandom r) {
    int keyId = r.nextInt(4) == 0 ? r.nextInt(1 << LAYOUT.keyIdBits()) : 4 * r.nextInt(2);
    long hpa = r.nextInt(FRAMES << 12);
    int size = 1 << r.nextInt(4);
    hpa = Math.min(hpa, (hpa | 0xfff) + 1 - size);
    switch (r.nextInt(20)) {
      case 0, 1, 2, 3, 4 -> load(hpa, keyId, size);
      case 5, 6, 7, 8 -> store(hpa, keyId, size, r.nextLong());
      case 9, 10 -> read(hpa, keyId, r.nextInt((FRAMES << 12) - (int) hpa));
      case 11 -> write(hpa, keyId, r.nextInt((FRAMES << 12) - (int) hpa), r);
      case 12, 13 -> initialize(hpa & -4096, keyId);
      case 14 -> {
        int length = r.nextInt((FRAMES << 12) - (int) hpa);
        memory.host().zero(new Hpa(hpa), length);
        model.write(hpa, 0, new byte[length]);
      }
      case 15, 16, 17 -> map(hpa, keyId, r.nextBoolean());
      case 18 -> mark(hpa);
      default -> {
        if (keyId != 0 && r.nextInt(20) == 0) {
          bus.programKey(keyId);
          model.program(keyId);
        }
      }
    }
  }

  private void load(long hpa, int keyId, int size) {
    byte[] expected = model.read(hpa, keyId, size);
    try {
      long value = bus.load(LAYOUT.keyed(hpa, keyId), size);
      assertThat(expected).isNotNull();
      assertThat(value).isEqualTo(LineModel.toLong(expected));
    } catch (MachineCheckException _) {
      assertThat(expected).isNull();
    }
  }

  private void read(long hpa, int keyId, int length) {
    byte[] expected = model.read(hpa, keyId, length);
    byte[] target = new byte[length + 2];
    try {
      bus.read(LAYOUT.keyed(hpa, keyId), target, 1, length);
      assertThat(expected).isNotNull();
      assertThat(Arrays.copyOfRange(target, 1, length + 1)).isEqualTo(expected);
    } catch (MachineCheckException _) {
      assertThat(expected).isNull();
    }
  }

  private void store(long hpa, int keyId, int size, long value) {
    byte[] bytes = LineModel.toBytes(value, size);
    boolean done = model.write(hpa, keyId, bytes);
    try {
      bus.store(LAYOUT.keyed(hpa, keyId), size, value);
      assertThat(done).isTrue();
    } catch (MachineCheckException _) {
      assertThat(done).isFalse();
    }
  }

  private void write(long hpa, int keyId, int length, SplittableRandom r) {
    byte[] source = new byte[length];
    r.nextBytes(source);
    boolean done = model.write(hpa, keyId, source);
    try {
      bus.write(LAYOUT.keyed(hpa, keyId), source, 0, length);
      assertThat(done).isTrue();
    } catch (MachineCheckException _) {
      assertThat(done).isFalse();
    }
  }

  private void initialize(long hpa, int keyId) {
    bus.initialize(LAYOUT.keyed(hpa, keyId), 4096);
    assertThat(model.write(hpa, keyId, new byte[4096])).isTrue();
  }

  private void map(long hpa, int keyId, boolean write) {
    long address = bus.map(LAYOUT.keyed(hpa, keyId), write);
    assertThat(address != PhysicalBus.SLOW).isEqualTo(model.isWhole(hpa, keyId));
    if (address == PhysicalBus.SLOW) {
      return;
    }
    readable[slot(hpa, keyId)] = true;
    assertThat(NativeAccess.load8(address) & 0xff)
        .isEqualTo((int) LineModel.toLong(model.read(hpa, keyId, 1)));
    if (write) {
      writable[slot(hpa, keyId)] = true;
      int value = random.nextInt(256);
      NativeAccess.store8(address, value);
      assertThat(model.write(hpa, keyId, new byte[] {(byte) value})).isTrue();
    }
  }

  private void mark(long hpa) {
    int frame = (int) (hpa >>> 12);
    markedGeneration[frame] = bus.markCode(hpa & -4096);
    markedVersion[frame] = model.version(frame);
  }

  private void checkHandedOutAddresses() {
    for (int frame = 0; frame < FRAMES; frame++) {
      for (int keyId = 0; keyId < 1 << LAYOUT.keyIdBits(); keyId++) {
        int slot = frame << LAYOUT.keyIdBits() | keyId;
        if (readable[slot] || writable[slot]) {
          assertThat(model.isWhole((long) frame << 12, keyId)).isTrue();
        }
      }
    }
  }

  /** As long as the generation stands where it was at the marking, so does the content. */
  private void checkCodeGenerations() {
    for (int frame = 0; frame < FRAMES; frame++) {
      if (code[frame].generation == markedGeneration[frame]) {
        assertThat(model.version(frame)).isEqualTo(markedVersion[frame]);
      }
    }
  }
}
