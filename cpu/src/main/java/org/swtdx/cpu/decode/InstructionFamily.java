package org.swtdx.cpu.decode;

/** A group of instructions that registers its rows, such as the integer arithmetic ones. */
@FunctionalInterface
public interface InstructionFamily {
  /** Registers every opcode of the family. */
  void register(OpcodeTable table);
}
