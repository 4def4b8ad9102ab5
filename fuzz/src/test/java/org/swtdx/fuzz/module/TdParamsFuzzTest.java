package org.swtdx.fuzz.module;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.jspecify.annotations.Nullable;
import org.swtdx.fuzz.Choices;
import org.swtdx.fuzz.FuzzTarget;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.TdxStatus;

/**
 * Any TD_PARAMS: TDH.MNG.INIT accepts or refuses them, and a TD that was accepted can be given a
 * vCPU, finalized, entered and torn down.
 */
class TdParamsFuzzTest extends FuzzTarget {
  private static final int SIZE = 1024;

  private static @Nullable Machine machine;

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) {
    Machine m = machine == null ? new Machine() : machine;
    machine = null;
    long tdr = m.createTd(Machine.FIRST_KEY_ID);
    for (int i = 0; i < 6; i++) {
      Machine.ok(m.call(Machine.ADDCX, m.page(), tdr));
    }
    write(m, new Choices(input));
    if (TdxStatus.of(m.call(Machine.INIT, tdr, Machine.TD_PARAMS)).isSuccess()) {
      long tdvpr = m.createVcpu(tdr, 0);
      Machine.ok(m.call(Machine.FINALIZE, tdr));
      m.callOn(0, Machine.ENTER, tdvpr);
    }
    m.tearDown();
    machine = m;
  }

  /** TD_PARAMS that are accepted, with some of their bytes replaced or bits flipped. */
  private static void write(Machine m, Choices choices) {
    m.writeTdParams(0);
    while (choices.more()) {
      int at = choices.coin() ? choices.u16() % SIZE : choices.below(64);
      Hpa target = new Hpa(Machine.TD_PARAMS + (at & ~7));
      if (choices.coin()) {
        m.write64(target.value(), m.memory.host().read64(target) ^ 1L << choices.below(64));
      } else {
        byte[] bytes = choices.bytes(1 + choices.below(8));
        int length = Math.min(bytes.length, SIZE - at);
        m.memory.host().write(new Hpa(Machine.TD_PARAMS + at), bytes, 0, length);
      }
    }
  }

  @Override
  protected int randomInputs() {
    return 300;
  }

  @Override
  protected int longestInput() {
    return 48;
  }
}
