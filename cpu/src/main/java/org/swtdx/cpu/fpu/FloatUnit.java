package org.swtdx.cpu.fpu;

import static org.swtdx.cpu.fpu.Num.FINITE;
import static org.swtdx.cpu.fpu.Num.INFINITY;
import static org.swtdx.cpu.fpu.Num.QNAN;
import static org.swtdx.cpu.fpu.Num.SNAN;
import static org.swtdx.cpu.fpu.Num.TOP;
import static org.swtdx.cpu.fpu.Num.UNSUPPORTED;
import static org.swtdx.cpu.fpu.Num.ZERO;

/**
 * Exact IEEE 754 arithmetic on unpacked numbers with x86 rules: tininess after rounding, NaN
 * propagation of SSE or x87, exception flags in the bit positions of MXCSR and the x87 status word.
 * Exceptions accumulate in {@link #flags}; the caller decides whether they trap (SDM Vol. 1 4.9,
 * 8.5, 11.5). One instance per processor, no allocation.
 */
public final class FloatUnit extends RoundingUnit {
  /** Relations that {@link #compare} returns. */
  static final int LESS = -1;

  static final int EQUAL = 0;
  static final int GREATER = 1;
  static final int UNORDERED = 2;

  /** Creates a unit with the rounding and masks of a processor after INIT. */
  public FloatUnit() {}

  private void invalid() {
    flags |= IE;
    r.setIndefinite();
  }

  private void noteDenormals() {
    if (a.denormal || b.denormal) {
      flags |= DE;
    }
  }

  /** If an operand of a two-operand operation is a NaN, sets the result and returns true. */
  boolean propagateNan() {
    if (!a.isNan() && !b.isNan()) {
      return false;
    }
    if (a.kind == UNSUPPORTED || b.kind == UNSUPPORTED) {
      invalid();
      return true;
    }
    if (a.kind == SNAN || b.kind == SNAN) {
      flags |= IE;
    }
    r.set(selectNan());
    r.quiet();
    return true;
  }

  private Num selectNan() {
    if (!b.isNan()) {
      return a;
    }
    if (!a.isNan()) {
      return b;
    }
    if (!x87) {
      return a;
    }
    if (a.kind != b.kind) {
      return a.kind == QNAN ? a : b;
    }
    int order = Long.compareUnsigned(a.sig, b.sig);
    if (order != 0) {
      return order > 0 ? a : b;
    }
    return a.negative ? b : a;
  }

  /** If the single operand is a NaN, sets the quiet result and returns true. */
  boolean propagateNanUnary() {
    if (!a.isNan()) {
      return false;
    }
    if (a.kind == UNSUPPORTED) {
      invalid();
      return true;
    }
    if (a.kind == SNAN) {
      flags |= IE;
    }
    r.set(a);
    r.quiet();
    return true;
  }

  /** Exchanges a and b. */
  void swapOperands() {
    t.set(a);
    a.set(b);
    b.set(t);
  }

  /** NaN selection among a, b, c in this order; an SNaN anywhere sets IE. */
  boolean propagateNanTernary() {
    Num nan = a.isNan() ? a : b.isNan() ? b : c.isNan() ? c : null;
    if (nan == null) {
      return false;
    }
    if (a.kind == SNAN || b.kind == SNAN || c.kind == SNAN) {
      flags |= IE;
    }
    r.set(nan);
    r.quiet();
    return true;
  }

  /** r = a + b, or a - b; unrounded. */
  void add(boolean subtract) {
    if (propagateNan()) {
      return;
    }
    boolean bNegative = b.negative != subtract;
    if (a.kind == INFINITY || b.kind == INFINITY) {
      if (a.kind == b.kind && a.negative != bNegative) {
        invalid();
        return;
      }
      noteDenormals();
      r.setInfinity(a.kind == INFINITY ? a.negative : bNegative);
      return;
    }
    noteDenormals();
    t.set(b);
    t.negative = bNegative;
    r.set(a);
    addTo(t);
  }

  /** r += y for zero or finite r and y, exactly as far as any rounding can see; y is destroyed. */
  private void addTo(Num y) {
    r.denormal = false;
    if (y.kind == ZERO) {
      if (r.kind == ZERO && r.negative != y.negative) {
        r.negative = rounding == DOWN;
      }
      return;
    }
    if (r.kind == ZERO) {
      r.set(y);
      r.denormal = false;
      return;
    }
    if (r.exp >= y.exp) {
      y.shiftRightSticky(r.exp - y.exp);
    } else {
      r.shiftRightSticky(y.exp - r.exp);
      r.exp = y.exp;
    }
    if (r.negative == y.negative) {
      addMagnitudes(y);
    } else {
      subtractMagnitudes(y);
    }
  }

  private void addMagnitudes(Num y) {
    long lo = r.lo + y.lo;
    long carry = Long.compareUnsigned(lo, r.lo) < 0 ? 1 : 0;
    long part = r.sig + y.sig;
    boolean out = Long.compareUnsigned(part, r.sig) < 0;
    long hi = part + carry;
    out |= carry != 0 && hi == 0;
    r.sig = hi;
    r.lo = lo;
    if (out) {
      r.shiftRightSticky(1);
      r.sig |= TOP;
      r.exp++;
    }
  }

  private void subtractMagnitudes(Num y) {
    int order = Long.compareUnsigned(r.sig, y.sig);
    if (order == 0) {
      order = Long.compareUnsigned(r.lo, y.lo);
    }
    if (order == 0) {
      r.setZero(rounding == DOWN);
      return;
    }
    long borrowLo;
    if (order > 0) {
      borrowLo = Long.compareUnsigned(r.lo, y.lo) < 0 ? 1 : 0;
      r.sig = r.sig - y.sig - borrowLo;
      r.lo = r.lo - y.lo;
    } else {
      borrowLo = Long.compareUnsigned(y.lo, r.lo) < 0 ? 1 : 0;
      r.sig = y.sig - r.sig - borrowLo;
      r.lo = y.lo - r.lo;
      r.negative = y.negative;
    }
    r.normalize();
  }

  /** r = a * b, unrounded. */
  void multiply() {
    if (propagateNan()) {
      return;
    }
    boolean sign = a.negative != b.negative;
    if (a.kind == INFINITY || b.kind == INFINITY) {
      if (a.kind == ZERO || b.kind == ZERO) {
        invalid();
        return;
      }
      noteDenormals();
      r.setInfinity(sign);
      return;
    }
    noteDenormals();
    if (a.kind == ZERO || b.kind == ZERO) {
      r.setZero(sign);
      return;
    }
    product(sign);
  }

  private void product(boolean sign) {
    r.kind = FINITE;
    r.negative = sign;
    r.denormal = false;
    r.exp = a.exp + b.exp + 1;
    r.sig = Math.unsignedMultiplyHigh(a.sig, b.sig);
    r.lo = a.sig * b.sig;
    r.normalize();
  }

  /** r = a / b, unrounded. */
  void divide() {
    if (propagateNan()) {
      return;
    }
    boolean sign = a.negative != b.negative;
    if (a.kind == b.kind && a.kind != FINITE) {
      invalid();
      return;
    }
    if (a.kind == INFINITY) {
      noteDenormals();
      r.setInfinity(sign);
    } else if (b.kind == ZERO) {
      flags |= ZE;
      r.setInfinity(sign);
    } else if (b.kind == INFINITY || a.kind == ZERO) {
      noteDenormals();
      r.setZero(sign);
    } else {
      noteDenormals();
      quotient(sign);
    }
  }

  private void quotient(boolean sign) {
    boolean wide = Long.compareUnsigned(a.sig, b.sig) >= 0;
    r.kind = FINITE;
    r.negative = sign;
    r.denormal = false;
    r.exp = a.exp - b.exp - (wide ? 0 : 1);
    long hi = wide ? a.sig >>> 1 : a.sig;
    long lo = wide ? a.sig << 63 : 0;
    long q = WideMath.divide(hi, lo, b.sig);
    long rest = lo - q * b.sig;
    r.sig = q;
    if (rest == 0) {
      r.lo = 0;
    } else {
      int half = rest < 0 ? 1 : Long.compareUnsigned(rest << 1, b.sig);
      r.lo = half > 0 ? 3L << 62 : half == 0 ? TOP : 1;
    }
  }

  /** r = sqrt(a), unrounded. */
  void squareRoot() {
    if (propagateNanUnary()) {
      return;
    }
    if (a.kind == ZERO || a.kind == INFINITY && !a.negative) {
      r.set(a);
      return;
    }
    if (a.negative) {
      invalid();
      return;
    }
    flags |= a.denormal ? DE : 0;
    boolean odd = (a.exp & 1) != 0;
    long hi = odd ? a.sig : a.sig >>> 1;
    long lo = odd ? 0 : a.sig << 63;
    long root = WideMath.squareRoot(hi, lo);
    r.kind = FINITE;
    r.negative = false;
    r.denormal = false;
    r.exp = a.exp >> 1;
    r.sig = root;
    // remainder = value - root^2; the next bit is set iff remainder > root
    long remLo = lo - root * root;
    long borrow = Long.compareUnsigned(lo, root * root) < 0 ? 1 : 0;
    long remHi = hi - Math.unsignedMultiplyHigh(root, root) - borrow;
    boolean half = remHi != 0 || Long.compareUnsigned(remLo, root) > 0;
    r.lo = (half ? TOP : 0) | ((remHi | remLo) != 0 ? 1 : 0);
  }

  /**
   * r = a * b + c, unrounded, optionally with the product or the addend negated. Operands have at
   * most 53 significant bits. NaN operands must have been handled by the caller.
   */
  void multiplyAdd(boolean negateProduct, boolean negateAddend) {
    boolean sign = a.negative != b.negative != negateProduct;
    boolean addendNegative = c.negative != negateAddend;
    boolean productInfinite = a.kind == INFINITY || b.kind == INFINITY;
    boolean zeroFactor = a.kind == ZERO || b.kind == ZERO;
    if (productInfinite && zeroFactor
        || productInfinite && c.kind == INFINITY && sign != addendNegative) {
      invalid();
      return;
    }
    if (c.denormal) {
      flags |= DE;
    }
    noteDenormals();
    if (productInfinite || c.kind == INFINITY) {
      r.setInfinity(productInfinite ? sign : addendNegative);
      return;
    }
    if (zeroFactor) {
      r.setZero(sign);
    } else {
      product(sign);
    }
    t.set(c);
    t.negative = addendNegative;
    addTo(t);
  }

  /**
   * Relation of a to b. An SNaN sets IE; a QNaN too when {@code signalling}.
   *
   * @return one of {@link #LESS}, {@link #EQUAL}, {@link #GREATER}, {@link #UNORDERED}
   */
  int compare(boolean signalling) {
    if (a.isNan() || b.isNan()) {
      if (signalling || a.kind >= SNAN || b.kind >= SNAN) {
        flags |= IE;
      }
      return UNORDERED;
    }
    noteDenormals();
    return order(a, b);
  }

  private static int order(Num x, Num y) {
    if (x.kind == ZERO && y.kind == ZERO) {
      return EQUAL;
    }
    if (x.kind == ZERO) {
      return y.negative ? GREATER : LESS;
    }
    if (y.kind == ZERO || x.negative != y.negative) {
      return x.negative ? LESS : GREATER;
    }
    int magnitude;
    if (x.kind != y.kind) {
      magnitude = x.kind == INFINITY ? 1 : -1;
    } else if (x.kind == INFINITY) {
      magnitude = 0;
    } else {
      magnitude = Integer.compare(x.exp, y.exp);
      if (magnitude == 0) {
        magnitude = Long.compareUnsigned(x.sig, y.sig);
      }
    }
    return x.negative ? -magnitude : magnitude;
  }

  /** r = a rounded to an integral value; PE unless {@code suppressInexact}. NaNs are handled. */
  void roundToIntegral(int mode, boolean suppressInexact) {
    if (propagateNanUnary()) {
      return;
    }
    r.set(a);
    r.denormal = false;
    if (a.kind != FINITE || integralSignificand(mode)) {
      return;
    }
    if (!suppressInexact) {
      flags |= PE;
    }
  }

  /** Rounds finite r to an integer (or zero); returns whether it was one already. */
  private boolean integralSignificand(int mode) {
    if (r.exp >= 63) {
      return true;
    }
    int saved = rounding;
    rounding = mode;
    boolean lost;
    if (r.exp >= 0) {
      lost = roundSignificand(r.exp + 1);
    } else {
      boolean half = r.exp == -1;
      boolean rest = !half || r.sig != TOP;
      lost = true;
      roundedUp = increments(half, rest, false);
      if (roundedUp) {
        r.exp = 0;
        r.sig = TOP;
      } else {
        r.setZero(r.negative);
      }
    }
    rounding = saved;
    return !lost;
  }

  /**
   * a as a signed integer of {@code bits} bits; IE and the integer indefinite when out of range.
   *
   * @return the value, sign-extended to 64 bits
   */
  long toInteger(int bits, int mode) {
    long indefinite = -1L << bits - 1;
    if (a.kind == ZERO) {
      return 0;
    }
    if (a.kind != FINITE) {
      flags |= IE;
      return indefinite;
    }
    r.set(a);
    boolean exact = integralSignificand(mode);
    if (r.kind == ZERO) {
      flags |= exact ? 0 : PE;
      return 0;
    }
    if (r.exp >= bits - 1 && !(r.negative && r.exp == bits - 1 && r.sig == TOP)) {
      flags |= IE;
      return indefinite;
    }
    flags |= exact ? 0 : PE;
    long magnitude = r.sig >>> 63 - r.exp;
    return r.negative ? -magnitude : magnitude;
  }
}
