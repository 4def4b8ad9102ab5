package org.swtdx.cpu.exec;

import java.util.List;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;
import org.swtdx.cpu.fpu.FpuOpcodes;
import org.swtdx.cpu.simd.SimdOpcodes;
import org.swtdx.cpu.system.SystemInstructions;

/** The one place where all instruction families are listed. */
public final class InstructionSet {
  private static final List<InstructionFamily> FAMILIES =
      List.of(
          new MoveInstructions(),
          new ArithmeticInstructions(),
          new MultiplyInstructions(),
          new ShiftInstructions(),
          new BitInstructions(),
          new VexIntegerInstructions(),
          new StackInstructions(),
          new BranchInstructions(),
          new StringInstructions(),
          new AtomicInstructions(),
          new DecimalInstructions(),
          new FlagInstructions(),
          new FpuOpcodes(),
          new SimdOpcodes(),
          new SystemInstructions());

  private static final OpcodeTable TABLE = build();

  private InstructionSet() {}

  /** The table of every instruction that the processor has. */
  public static OpcodeTable table() {
    return TABLE;
  }

  private static OpcodeTable build() {
    OpcodeTable table = new OpcodeTable();
    for (InstructionFamily family : FAMILIES) {
      family.register(table);
    }
    return table;
  }
}
