package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;

/** Memory operands of VEX-encoded instructions: no alignment demanded. */
final class VexOperand {
  private VexOperand() {}

  /** Loads {@code halves} 64-bit parts into the core's vector scratch. */
  static void load(Core c, Insn i, int halves) {
    long address = c.address(i, halves << 3, false);
    long[] scratch = c.vectorScratch;
    for (int k = 0; k < halves; k++) {
      scratch[k] = c.load64(address + 8L * k);
    }
  }
}
