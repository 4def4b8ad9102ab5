package org.swtdx.cpu.exec;

import java.util.List;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;
import org.swtdx.cpu.fpu.FpuOpcodes;
import org.swtdx.cpu.simd.SimdOpcodes;
import org.swtdx.cpu.system.SystemInstructions;

/** The one place where all instruction families are listed. */
public final class InstructionSet {
  private static final List<InstructionFamily> INTEGER =
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
          new FlagInstructions());

  private static final List<InstructionFamily> OTHERS =
      List.of(new FpuOpcodes(), new SimdOpcodes(), new SystemInstructions());

  private static final OpcodeTable TABLE = build();

  private InstructionSet() {}

  /** The table of every instruction that the processor has. */
  public static OpcodeTable table() {
    return TABLE;
  }

  /** The families on general registers, which need nothing but a core. */
  static List<InstructionFamily> integerFamilies() {
    return INTEGER;
  }

  private static OpcodeTable build() {
    OpcodeTable table = new OpcodeTable();
    INTEGER.forEach(family -> family.register(table));
    OTHERS.forEach(family -> family.register(table));
    return table;
  }
}
