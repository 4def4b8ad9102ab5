package org.swtdx.fuzz.kvm;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.swtdx.fuzz.Choices;
import org.swtdx.fuzz.FuzzTarget;

/**
 * Any sequence of ioctls, closes, mappings and short runs on all kinds of files of all types of VM:
 * nothing is thrown, nothing hangs, every error is one of Linux's, and when the process ends the
 * host has every frame, KeyID and thread back.
 */
class IoctlFuzzTest extends FuzzTarget {
  private static final int MAX_STEPS = 80;

  private static @Nullable KvmMachine machine;

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) throws Exception {
    KvmMachine m = machine == null ? new KvmMachine() : machine;
    machine = null; // unless this scenario comes to its end
    Choices choices = new Choices(input);
    try (KvmScenario scenario = new KvmScenario(m, choices)) {
      for (int i = 0; i < MAX_STEPS && choices.more(); i++) {
        scenario.step();
      }
    }
    m.check();
    machine = m;
  }

  @Override
  protected int randomInputs() {
    return 150;
  }

  /** Long ones: a step takes about ten bytes. */
  @Override
  protected byte[] randomInput(SplittableRandom random) {
    byte[] input = new byte[random.nextInt(100, 1000)];
    random.nextBytes(input);
    return input;
  }
}
