package org.swtdx.cpu.silicon;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.swtdx.cpu.core.Insn;

/**
 * Images of the x87 and extended state in memory: what makes sense to load, and what of a stored
 * one is not compared. That are the last instruction and operand pointers, which AMD processors
 * keep for pending exceptions only and Intel's keep differently by model, and MXCSR_MASK.
 */
final class Images {
  private static final int HEADER = 512, FXSAVE = 416, AREA = 832;

  private Images() {}

  private static boolean isEnvironment(CaseGenerator.Cell c) {
    return c.map() == 0;
  }

  /** Prepares the memory at {@code at} as an image that loads, most of the time. */
  static void fill(SplittableRandom random, MachineState s, int at, CaseGenerator.Cell c, Insn i) {
    if (at < 0 || at + AREA > NativeProcessor.SCRATCH_SIZE || at % 8 != 0) {
      return;
    }
    MachineState image = new MachineState();
    Values.control(random, image);
    for (int k = 0; k < 8; k++) {
      Values.extended(random, image, k);
    }
    for (int k = 0; k < 64; k++) {
      image.vec[k] = Values.vector(random);
    }
    image.mxcsr = Values.mxcsr(random);
    byte[] bytes = image.toXsave();
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (isEnvironment(c)) {
      int unit = i.size == 2 ? 2 : 4;
      short tags = (short) random.nextInt();
      b.putShort(0, (short) image.control);
      b.putShort(unit, (short) image.status);
      b.putShort(2 * unit, tags);
    } else {
      b.putLong(HEADER, random.nextInt(8));
      b.putLong(HEADER + 8, random.nextInt(3) == 0 ? Long.MIN_VALUE | 7 : 0);
      if (random.nextInt(16) == 0) {
        b.put(HEADER + random.nextInt(64), (byte) random.nextInt());
      }
    }
    for (int k = 0; k < AREA / 8; k++) {
      s.memory[at / 8 + k] = b.getLong(8 * k);
    }
  }

  /** Makes equal what is not compared of the image that {@code i} stored at {@code at}. */
  static void mask(MachineState s, long at, CaseGenerator.Cell c, Insn i) {
    boolean stores =
        isEnvironment(c) ? i.extension() == 6 : i.extension() != 1 && i.extension() != 5;
    if (!stores || at < 0 || at + FXSAVE > NativeProcessor.SCRATCH_SIZE) {
      return;
    }
    ByteBuffer b = ByteBuffer.allocate(NativeProcessor.SCRATCH_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    b.asLongBuffer().put(s.memory);
    int from = (int) at;
    if (isEnvironment(c)) {
      int unit = i.size == 2 ? 2 : 4;
      Arrays.fill(b.array(), from + 3 * unit, from + 7 * unit, (byte) 0);
    } else {
      Arrays.fill(b.array(), from + 6, from + 24, (byte) 0);
      Arrays.fill(b.array(), from + 28, from + 32, (byte) 0);
    }
    b.asLongBuffer().get(s.memory);
  }
}
