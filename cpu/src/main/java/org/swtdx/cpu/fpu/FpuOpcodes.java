package org.swtdx.cpu.fpu;

import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** The x87 instructions and those that save and restore extended state, as one family. */
public final class FpuOpcodes implements InstructionFamily {
  /** Creates the family. */
  public FpuOpcodes() {}

  @Override
  public void register(OpcodeTable table) {
    StateInstructions.register(table);
    X87Instructions.register(table);
  }
}
