package org.swtdx.cpu.silicon;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A user-mode register state and the scratch memory, on either processor. */
final class MachineState {
  final long[] gpr = new long[16];
  final long[] vec = new long[64];
  final long[] significand = new long[8];
  final int[] signExponent = new int[8];
  final long[] memory = new long[NativeProcessor.SCRATCH_SIZE / 8];
  long flags = 0x202;
  int mxcsr = 0x1f80;
  int control = 0x37f;

  /** Status word including TOP. */
  int status;

  /** Abridged tag word: bit n set when physical register n is in use. */
  int used;

  /** Signal that ended the run, or 0. */
  int signal;

  void set(MachineState other) {
    System.arraycopy(other.gpr, 0, gpr, 0, 16);
    System.arraycopy(other.vec, 0, vec, 0, 64);
    System.arraycopy(other.significand, 0, significand, 0, 8);
    System.arraycopy(other.signExponent, 0, signExponent, 0, 8);
    System.arraycopy(other.memory, 0, memory, 0, memory.length);
    flags = other.flags;
    mxcsr = other.mxcsr;
    control = other.control;
    status = other.status;
    used = other.used;
    signal = other.signal;
  }

  /** Physical x87 register number of ST(i). */
  int physical(int i) {
    return (status >> 11) + i & 7;
  }

  byte[] toXsave() {
    byte[] area = new byte[832];
    ByteBuffer b = ByteBuffer.wrap(area).order(ByteOrder.LITTLE_ENDIAN);
    b.putShort(0, (short) control).putShort(2, (short) status).put(4, (byte) used);
    b.putInt(24, mxcsr);
    for (int i = 0; i < 8; i++) {
      b.putLong(32 + 16 * i, significand[physical(i)]);
      b.putShort(40 + 16 * i, (short) signExponent[physical(i)]);
    }
    for (int i = 0; i < 16; i++) {
      b.putLong(160 + 16 * i, vec[4 * i]).putLong(168 + 16 * i, vec[4 * i + 1]);
      b.putLong(576 + 16 * i, vec[4 * i + 2]).putLong(584 + 16 * i, vec[4 * i + 3]);
    }
    b.putLong(512, 7);
    return area;
  }

  void fromXsave(byte[] area) {
    ByteBuffer b = ByteBuffer.wrap(area).order(ByteOrder.LITTLE_ENDIAN);
    long present = b.getLong(512);
    mxcsr = b.getInt(24);
    boolean x87 = (present & 1) != 0;
    control = x87 ? b.getShort(0) & 0xffff : 0x37f;
    status = x87 ? b.getShort(2) & 0xffff : 0;
    used = x87 ? b.get(4) & 0xff : 0;
    for (int i = 0; i < 8; i++) {
      significand[physical(i)] = x87 ? b.getLong(32 + 16 * i) : 0;
      signExponent[physical(i)] = x87 ? b.getShort(40 + 16 * i) & 0xffff : 0;
    }
    Arrays.fill(vec, 0);
    for (int i = 0; i < 16; i++) {
      if ((present & 2) != 0) {
        vec[4 * i] = b.getLong(160 + 16 * i);
        vec[4 * i + 1] = b.getLong(168 + 16 * i);
      }
      if ((present & 4) != 0) {
        vec[4 * i + 2] = b.getLong(576 + 16 * i);
        vec[4 * i + 3] = b.getLong(584 + 16 * i);
      }
    }
  }

  /** Takes over x87 results that are next to ours, and with them what tells the rounding. */
  void acceptNeighbours(MachineState silicon) {
    for (int k = 0; k < 8; k++) {
      boolean sameSign = (signExponent[k] ^ silicon.signExponent[k]) < 0x8000;
      int binades = signExponent[k] - silicon.signExponent[k];
      long distance = significand[k] - silicon.significand[k];
      boolean wrapped =
          binades == 1 && significand[k] == Long.MIN_VALUE && silicon.significand[k] == -1
              || binades == -1 && significand[k] == -1 && silicon.significand[k] == Long.MIN_VALUE;
      if (sameSign && (binades == 0 && Math.abs(distance) <= 1 || wrapped)) {
        significand[k] = silicon.significand[k];
        signExponent[k] = silicon.signExponent[k];
      }
    }
    status = status & ~0x200 | silicon.status & 0x200;
  }

  /** Names every difference; {@code flagMask} are the flags to compare. */
  String difference(MachineState silicon, MachineState before, long flagMask) {
    StringBuilder s = new StringBuilder();
    if (signal != silicon.signal) {
      s.append(" signal %d, silicon %d;".formatted(signal, silicon.signal));
    }
    for (int i = 0; i < 16; i++) {
      note(s, "r" + i, gpr[i], silicon.gpr[i], before.gpr[i]);
    }
    note(s, "flags", flags & flagMask, silicon.flags & flagMask, before.flags);
    for (int i = 0; i < 64; i++) {
      note(s, "v%d.%d".formatted(i / 4, i % 4), vec[i], silicon.vec[i], before.vec[i]);
    }
    note(s, "mxcsr", mxcsr, silicon.mxcsr, before.mxcsr);
    note(s, "fcw", control, silicon.control, before.control);
    note(s, "fsw", status, silicon.status, before.status);
    note(s, "ftw", used, silicon.used, before.used);
    for (int i = 0; i < 8; i++) {
      note(s, "f" + i, significand[i], silicon.significand[i], before.significand[i]);
      note(s, "fe" + i, signExponent[i], silicon.signExponent[i], before.signExponent[i]);
    }
    int m = Arrays.mismatch(memory, silicon.memory);
    if (m >= 0) {
      note(s, "m+%x".formatted(8 * m), memory[m], silicon.memory[m], before.memory[m]);
    }
    return s.toString();
  }

  private static void note(StringBuilder s, String name, long ours, long theirs, long before) {
    if (ours != theirs) {
      s.append(" %s ours %x silicon %x (was %x);".formatted(name, ours, theirs, before));
    }
  }
}
