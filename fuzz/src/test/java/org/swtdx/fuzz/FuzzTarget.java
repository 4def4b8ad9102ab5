package org.swtdx.fuzz;

import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * A fuzz target. A subclass overrides {@link #fuzz}, annotated with {@code @FuzzTest}; this class
 * adds the run over random bytes that happens with the tests.
 */
public abstract class FuzzTarget {
  /**
   * Runs one input; an exception or error is a finding.
   *
   * @param input anything
   * @throws Exception when the input broke something
   */
  protected abstract void fuzz(byte[] input) throws Exception;

  /** How many random inputs the tests run; together they should take a second at most. */
  protected int randomInputs() {
    return 500;
  }

  /** The longest random input, in bytes. */
  protected int longestInput() {
    return 256;
  }

  /** Makes a random input; override it to begin with something that gets past the first check. */
  protected byte[] randomInput(SplittableRandom random) {
    byte[] input = new byte[random.nextInt(longestInput() + 1)];
    random.nextBytes(input);
    return input;
  }

  @Test
  void aShortRandomRunFindsNothing() {
    for (int seed = 0; seed < randomInputs(); seed++) {
      byte[] input = randomInput(new SplittableRandom(seed));
      try {
        fuzz(input);
      } catch (Exception | AssertionError e) {
        throw new AssertionError(
            "seed " + seed + ", input " + HexFormat.of().formatHex(input) + ": " + e, e);
      }
    }
  }
}
