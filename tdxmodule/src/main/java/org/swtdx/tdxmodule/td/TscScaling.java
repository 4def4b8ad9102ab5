package org.swtdx.tdxmodule.td;

/**
 * How a TD's virtual TSC follows the native one: {@code virtual = native * multiplier >> 48 +
 * offset}.
 *
 * @param multiplier unsigned, 48 fractional bits
 * @param offset added after scaling
 */
public record TscScaling(long multiplier, long offset) {
  /** The native TSC itself. */
  public static final TscScaling NONE = new TscScaling(1L << 48, 0);

  private static final int FRACTION_BITS = 48;

  /** A virtual TSC of {@code frequencyHz} that reads 0 when the native one reads {@code now}. */
  public static TscScaling startingAt(long now, long frequencyHz, long nativeHz) {
    long multiplier = shiftedDivide(frequencyHz, nativeHz);
    return new TscScaling(multiplier, -scale(now, multiplier));
  }

  /** {@code frequency << 48 / nativeHz} without overflow, for frequencies below 2^40. */
  private static long shiftedDivide(long frequency, long nativeHz) {
    long whole = frequency / nativeHz;
    long rest = frequency % nativeHz;
    long fraction = 0;
    for (int i = 0; i < FRACTION_BITS; i++) {
      rest <<= 1;
      fraction <<= 1;
      if (rest >= nativeHz) {
        rest -= nativeHz;
        fraction |= 1;
      }
    }
    return whole << FRACTION_BITS | fraction;
  }

  private static long scale(long value, long multiplier) {
    long high = Math.unsignedMultiplyHigh(value, multiplier);
    long low = value * multiplier;
    return high << 64 - FRACTION_BITS | low >>> FRACTION_BITS;
  }
}
