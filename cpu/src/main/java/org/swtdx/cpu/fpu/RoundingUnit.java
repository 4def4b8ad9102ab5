package org.swtdx.cpu.fpu;

import static org.swtdx.cpu.fpu.Num.FINITE;
import static org.swtdx.cpu.fpu.Num.TOP;
import static org.swtdx.cpu.fpu.Num.ZERO;

/**
 * The control state of a {@link FloatUnit}, its exception flags, and the one place where results
 * are rounded: to any precision and exponent range, with tininess after rounding, flush to zero,
 * and the scaled results of unmasked overflow and underflow.
 */
abstract class RoundingUnit {
  /** Exception flag: invalid operation. */
  public static final int IE = 1;

  /** Exception flag: denormal operand. */
  public static final int DE = 2;

  /** Exception flag: division by zero. */
  public static final int ZE = 4;

  /** Exception flag: overflow. */
  public static final int OE = 8;

  /** Exception flag: underflow. */
  public static final int UE = 16;

  /** Exception flag: inexact result. */
  public static final int PE = 32;

  /** Rounding-control values of MXCSR and the x87 control word. */
  static final int NEAREST = 0;

  static final int DOWN = 1;
  static final int UP = 2;
  static final int TRUNCATE = 3;

  /** Accumulated exception flags. */
  public int flags;

  /** Exception mask bits (set: masked), in the positions of the flags. */
  int masks = 0x3f;

  int rounding;
  boolean daz;
  boolean ftz;

  /** NaN selection and unmasked overflow and underflow as the x87 has them. */
  boolean x87;

  /** Whether the last rounding increased the magnitude (C1 of the x87). */
  boolean roundedUp;

  final Num a = new Num();
  final Num b = new Num();
  final Num c = new Num();
  final Num r = new Num();
  final Num t = new Num();

  /** Flags of the completed steps of the instruction. */
  private int settled;

  /** The MXCSR value that the fields were taken from, or -1. */
  private int loadedMxcsr = -1;

  /** Round to nearest with the inexact exception masked: the host's arithmetic agrees. */
  boolean hostRounding;

  /** Besides {@link #hostRounding}, PE is set already, so that inexactness need not be noticed. */
  boolean hostExact;

  RoundingUnit() {}

  /** Takes rounding, masks, DAZ and FTZ from an MXCSR value and clears the flags. */
  public void begin(int mxcsr) {
    flags = 0;
    settled = 0;
    if (mxcsr != loadedMxcsr) {
      load(mxcsr);
    }
  }

  private void load(int mxcsr) {
    loadedMxcsr = mxcsr;
    masks = mxcsr >> 7 & 0x3f;
    rounding = mxcsr >> 13 & 3;
    daz = (mxcsr & 0x40) != 0;
    ftz = (mxcsr & 0x8000) != 0;
    hostRounding = rounding == NEAREST && (masks & PE) != 0;
    hostExact = hostRounding && (mxcsr & PE) != 0;
    x87 = false;
  }

  /**
   * Ends one step of an instruction of several: flags of this step no longer hide or are hidden.
   *
   * @return whether one of them is unmasked, so that the steps that follow are not taken
   */
  public boolean settle() {
    boolean unmasked = (flags & ~masks) != 0;
    settled |= reported();
    flags = unmasked ? flags & ~masks : 0;
    return unmasked;
  }

  /** The flags to report: those found before computation, if unmasked, hide those found after. */
  public int reported() {
    int before = IE | DE | ZE;
    return settled | ((flags & ~masks & before) != 0 ? flags & before : flags);
  }

  /** Takes rounding and masks from an x87 control word and clears the flags. */
  void beginX87(int control) {
    flags = 0;
    masks = control & 0x3f;
    rounding = control >> 10 & 3;
    daz = false;
    ftz = false;
    x87 = true;
    loadedMxcsr = -1;
    roundedUp = false;
  }

  /** Rounds {@link #r} to 53 bits and the exponent range of binary64. */
  void round64() {
    round(53, -1022, 1023);
  }

  /** Rounds {@link #r} to 24 bits and the exponent range of binary32. */
  void round32() {
    round(24, -126, 127);
  }

  /** Rounds {@link #r} to 11 bits and the exponent range of binary16. */
  void round16() {
    round(11, -14, 15);
  }

  /** Rounds {@link #r} to {@code precision} bits with the exponent range of the x87. */
  void round80(int precision) {
    round(precision, -16382, 16383);
  }

  private void round(int precision, int emin, int emax) {
    if (r.kind != FINITE) {
      return;
    }
    if (r.exp < emin && roundTiny(precision, emin)) {
      return;
    }
    boolean inexact = roundSignificand(precision);
    if (r.exp > emax) {
      overflow(precision, emax, inexact);
    } else if (inexact) {
      flags |= PE;
    }
  }

  /** Returns false when the value rounds up to the smallest normal number: not tiny. */
  private boolean roundTiny(int precision, int emin) {
    t.set(r);
    boolean up = roundedUp;
    boolean lost = roundSignificand(precision);
    boolean tiny = r.exp < emin;
    boolean trapped = (masks & UE) == 0 && r.exp + 24576 >= emin;
    if (!tiny || trapped) {
      if (tiny) {
        r.exp += 24576;
        flags |= UE;
      }
      flags |= lost ? PE : 0;
      return true;
    }
    r.set(t);
    roundedUp = up;
    if (ftz || (masks & UE) == 0) {
      flags |= UE | PE;
      r.setZero(r.negative);
      return true;
    }
    r.shiftRightSticky(emin - r.exp);
    r.exp = emin;
    boolean inexact = roundSignificand(precision);
    if (inexact) {
      flags |= UE | PE;
    }
    if (r.sig == 0) {
      r.kind = ZERO;
    }
    return true;
  }

  private void overflow(int precision, int emax, boolean inexact) {
    if ((masks & OE) == 0 && r.exp - 24576 <= emax) {
      r.exp -= 24576;
      flags |= inexact ? OE | PE : OE;
      return;
    }
    flags |= OE | PE;
    // Too large even for the scaled result (FSCALE): infinity whatever the rounding.
    boolean toInfinity =
        (masks & OE) == 0
            || switch (rounding) {
              case NEAREST -> true;
              case DOWN -> r.negative;
              case UP -> !r.negative;
              default -> false;
            };
    if (toInfinity) {
      r.setInfinity(r.negative);
      roundedUp = true;
    } else {
      r.exp = emax;
      r.sig = -1L << 64 - precision;
      r.lo = 0;
      roundedUp = false;
    }
  }

  /** Rounds the significand of {@link #r} to its leading bits; returns whether bits were lost. */
  boolean roundSignificand(int precision) {
    long unit = precision == 64 ? 1 : 1L << 64 - precision;
    boolean half;
    boolean rest;
    if (precision == 64) {
      half = r.lo < 0;
      rest = r.lo << 1 != 0;
    } else {
      half = (r.sig & unit >>> 1) != 0;
      rest = (r.sig & (unit >>> 1) - 1) != 0 || r.lo != 0;
    }
    r.sig &= -unit;
    r.lo = 0;
    roundedUp = increments(half, rest, (r.sig & unit) != 0);
    if (roundedUp) {
      r.sig += unit;
      if (r.sig == 0) {
        r.sig = TOP;
        r.exp++;
      }
    }
    return half || rest;
  }

  boolean increments(boolean half, boolean rest, boolean odd) {
    return switch (rounding) {
      case NEAREST -> half && (rest || odd);
      case DOWN -> r.negative && (half || rest);
      case UP -> !r.negative && (half || rest);
      default -> false;
    };
  }
}
