package org.swtdx.cpu.core;

/**
 * RFLAGS with lazily computed status flags. The last result and two carry words determine them:
 * operands and result are sign-extended from the operation's size, so bit 63 stands for the
 * operation's top bit.
 */
public final class Flags {
  /** Status flag bits. */
  public static final int CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, OF = 0x800;

  /** All status flags. */
  public static final int STATUS = CF | PF | AF | ZF | SF | OF;

  /** Control flag bits; {@code AC} is alignment check. */
  public static final int TF = 0x100,
      IF = 0x200,
      DF = 0x400,
      IOPL = 0x3000,
      NT = 0x4000,
      RF = 0x10000,
      VM = 0x20000,
      AC = 0x40000,
      VIF = 0x80000,
      VIP = 0x100000,
      ID = 0x200000;

  private static final long AUX_MASK = Long.MIN_VALUE | 0x10;
  private static final int CONTROL = TF | IF | DF | IOPL | NT | RF | VM | AC | VIF | VIP | ID;

  /**
   * Zero when ZF is set; its sign is SF and the parity of its low byte PF, but for {@link #aux}.
   */
  public long result;

  /** Sign: CF. */
  public long carry;

  /** Sign: CF xor OF; bit 4: AF; bit 1: SF is inverted; bit 0: PF is inverted. */
  public long aux;

  /** The flags that are not status flags, and bit 1. */
  public long control = 2;

  /** Creates flags with only bit 1 set. */
  public Flags() {
    setStatus(0);
  }

  /** Records {@code a + b (+ carry) = r}; all sign-extended from the operation's size. */
  public void add(long a, long b, long r) {
    result = r;
    carry = (a & b) | ((a | b) & ~r);
    aux = (a ^ b ^ r) & AUX_MASK;
  }

  /** Records {@code a - b (- borrow) = r}; all sign-extended from the operation's size. */
  public void subtract(long a, long b, long r) {
    result = r;
    carry = (~a & b) | ((~a | b) & r);
    aux = (a ^ b ^ r) & AUX_MASK;
  }

  /** Records the result of a logical operation: CF, OF and AF clear. */
  public void logic(long r) {
    result = r;
    carry = 0;
    aux = 0;
  }

  /** Records the result of INC or DEC: {@code a} before; {@code overflow} as computed; CF kept. */
  public void increment(long a, long r, boolean overflow) {
    result = r;
    aux = ((a ^ r ^ 1) & 0x10) | ((overflow ? ~carry : carry) & Long.MIN_VALUE);
  }

  /** Records a result with CF and OF given and AF clear. */
  public void shift(long r, boolean cf, boolean of) {
    result = r;
    carry = cf ? -1 : 0;
    aux = cf != of ? Long.MIN_VALUE : 0;
  }

  /** Sets CF, leaving the others. */
  public void setCarry(boolean cf) {
    if (cf != carry < 0) {
      carry = ~carry;
      aux ^= Long.MIN_VALUE;
    }
  }

  /** Sets CF and OF, leaving the others. */
  public void setCarryOverflow(boolean cf, boolean of) {
    carry = cf ? -1 : 0;
    aux = (aux & Long.MAX_VALUE) | (cf != of ? Long.MIN_VALUE : 0);
  }

  /** Sets ZF, leaving the others. */
  public void setZero(boolean zf) {
    if (zf != (result == 0)) {
      int bits = status();
      setStatus(zf ? bits | ZF : bits & ~ZF);
    }
  }

  /** CF. */
  public boolean cf() {
    return carry < 0;
  }

  /** CF as 0 or 1. */
  public int carryBit() {
    return (int) (carry >>> 63);
  }

  /** ZF. */
  public boolean zf() {
    return result == 0;
  }

  /** SF. */
  public boolean sf() {
    return (result ^ aux << 62) < 0;
  }

  /** OF. */
  public boolean of() {
    return (carry ^ aux) < 0;
  }

  /** PF. */
  public boolean pf() {
    return (Integer.bitCount((int) result & 0xff) + (int) aux & 1) == 0;
  }

  /** AF. */
  public boolean af() {
    return (aux & 0x10) != 0;
  }

  /** SF differs from OF: signed less. */
  public boolean less() {
    return (result ^ aux << 62 ^ carry ^ aux) < 0;
  }

  /** The status flags at their RFLAGS positions. */
  public int status() {
    return (cf() ? CF : 0)
        | (pf() ? PF : 0)
        | (af() ? AF : 0)
        | (zf() ? ZF : 0)
        | (sf() ? SF : 0)
        | (of() ? OF : 0);
  }

  /** Sets all status flags from their RFLAGS positions. */
  public void setStatus(int bits) {
    boolean zf = (bits & ZF) != 0;
    boolean cf = (bits & CF) != 0;
    boolean of = (bits & OF) != 0;
    result = zf ? 0 : 1;
    carry = cf ? -1 : 0;
    long delta = (bits & SF) != 0 ? 2 : 0;
    boolean parityOfResult = zf;
    if (parityOfResult != ((bits & PF) != 0)) {
      delta |= 1;
    }
    aux = (cf != of ? Long.MIN_VALUE : 0) | (bits & AF) | delta;
  }

  /** Evaluates condition code {@code cc} (the low four bits of Jcc, SETcc, CMOVcc opcodes). */
  public boolean test(int cc) {
    boolean value =
        switch (cc >> 1 & 7) {
          case 0 -> of();
          case 1 -> cf();
          case 2 -> zf();
          case 3 -> cf() || zf();
          case 4 -> sf();
          case 5 -> pf();
          case 6 -> less();
          default -> less() || zf();
        };
    return value ^ (cc & 1) != 0;
  }

  /** RFLAGS. */
  public long get() {
    return control | status();
  }

  /** Sets RFLAGS; reserved bits are forced. */
  public void set(long value) {
    control = value & CONTROL | 2;
    setStatus((int) value & STATUS);
  }
}
