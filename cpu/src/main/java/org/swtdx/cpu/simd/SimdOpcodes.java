package org.swtdx.cpu.simd;

import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** The vector instructions as one family. */
public final class SimdOpcodes implements InstructionFamily {
  /** Creates the family. */
  public SimdOpcodes() {}

  @Override
  public void register(OpcodeTable table) {
    SimdTable t = new SimdTable(table);
    new SseMoves(t).register();
    new SseIntegers(t).register();
    new SseFloats(t).register();
    new Sse4Opcodes(t).register();
    new CryptoOpcodes(t).register();
    new AvxOpcodes(t).register();
    new FmaOpcodes(t).register();
    new MmxOpcodes(t).register();
  }
}
