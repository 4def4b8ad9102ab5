package org.swtdx.cpu.system;

import org.swtdx.cpu.core.Insn;

/** The VM-exit instruction-information field for instructions with a memory operand. */
final class InstructionInformation {
  private InstructionInformation() {}

  /** SDM Vol. 3C table 29-14, with the register operand in bits 31:28. */
  static int withRegister(Insn insn) {
    boolean noIndex = insn.index == Insn.NONE;
    boolean noBase = insn.base == Insn.NONE;
    int addressSize = insn.addressSize == 2 ? 0 : insn.addressSize == 4 ? 1 : 2;
    return insn.scale
        | addressSize << 7
        | insn.segment << 15
        | (noIndex ? 1 << 22 : insn.index << 18)
        | (noBase ? 1 << 27 : insn.base << 23)
        | insn.reg << 28;
  }

  /** The displacement, which such exits report as their qualification. */
  static long displacement(Insn insn) {
    return insn.displacement;
  }
}
