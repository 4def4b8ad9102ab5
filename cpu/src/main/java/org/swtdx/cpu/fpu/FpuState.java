package org.swtdx.cpu.fpu;

/**
 * The x87 register file: eight 80-bit registers (physical order), control, status and tag words,
 * and the last-instruction pointers. MMX registers are the significands.
 */
public final class FpuState {
  /** Status-word bit: invalid operation. */
  public static final int IE = 1;

  /** Status-word bit: stack fault. */
  public static final int SF = 0x40;

  /** Status-word bit: error summary. */
  public static final int ES = 0x80;

  /** Status-word bits of the condition codes. */
  public static final int C0 = 0x100, C1 = 0x200, C2 = 0x400, C3 = 0x4000;

  /** Status-word bit: busy, always equal to {@link #ES}. */
  public static final int BUSY = 0x8000;

  /** Significands by physical register. */
  public final long[] significand = new long[8];

  /** Sign (bit 15) and biased exponent (bits 14:0) by physical register. */
  public final int[] signExponent = new int[8];

  /** Control word. */
  public int control = 0x37f;

  /** Status word without TOP. */
  public int status;

  /** TOP: the physical register that is ST(0). */
  public int top;

  /** Bit n set: physical register n is in use (the abridged tag word of FXSAVE). */
  public int used;

  /** Last opcode, 11 bits. */
  public int lastOpcode;

  /** Last instruction pointer. */
  public long lastInstruction;

  /** Last data pointer. */
  public long lastData;

  /** The arithmetic of this processor, x87 and SSE. */
  public final FloatUnit unit = new FloatUnit();

  /** Buffer of the state-saving instructions. */
  final StateImage image = new StateImage(ExtendedRegisters.PAGING_UNIT);

  /** Creates the state after INIT or FNINIT with zeroed registers. */
  public FpuState() {}

  /** FNINIT: control, status, tags and pointers; register contents stay. */
  public void initialize() {
    control = 0x37f;
    status = 0;
    top = 0;
    used = 0;
    lastOpcode = 0;
    lastInstruction = 0;
    lastData = 0;
  }

  /** Initial configuration of XRSTOR: FNINIT and zeroed registers. */
  public void reset() {
    initialize();
    java.util.Arrays.fill(significand, 0);
    java.util.Arrays.fill(signExponent, 0);
  }

  /** Status word with TOP in bits 13:11. */
  public int statusWord() {
    return status | top << 11;
  }

  /** Loads the status word; ES and B follow from the flags and the control word. */
  public void setStatusWord(int value) {
    top = value >> 11 & 7;
    status = value & 0x477f;
    updateSummary();
  }

  /** Loads the control word: reserved bits as processors keep them (bit 6 set, 13 to 15 clear). */
  public void setControlWord(int value) {
    control = value & 0x1f3f | 0x40;
    updateSummary();
  }

  /** Recomputes ES and B from the exception flags and their masks. */
  public void updateSummary() {
    if ((status & ~control & 0x3f) != 0) {
      status |= ES | BUSY;
    } else {
      status &= ~(ES | BUSY);
    }
  }

  /** Whether an unmasked exception is pending. */
  public boolean errorPending() {
    return (status & ES) != 0;
  }

  /** Physical register of ST({@code i}). */
  public int physical(int i) {
    return top + i & 7;
  }

  /** Whether ST({@code i}) is empty. */
  public boolean empty(int i) {
    return (used >> (top + i & 7) & 1) == 0;
  }

  /** Full 16-bit tag word: two bits a physical register (0 valid, 1 zero, 2 special, 3 empty). */
  public int tagWord() {
    int word = 0;
    for (int i = 0; i < 8; i++) {
      word |= tag(i) << 2 * i;
    }
    return word;
  }

  private int tag(int i) {
    if ((used >> i & 1) == 0) {
      return 3;
    }
    int exponent = signExponent[i] & 0x7fff;
    long sig = significand[i];
    if (exponent == 0) {
      return sig == 0 ? 1 : 2;
    }
    return exponent == 0x7fff || sig >= 0 ? 2 : 0;
  }

  /** Loads a full tag word; only empty against not empty is kept, as the contents tell the rest. */
  public void setTagWord(int word) {
    used = 0;
    for (int i = 0; i < 8; i++) {
      if ((word >> 2 * i & 3) != 3) {
        used |= 1 << i;
      }
    }
  }
}
