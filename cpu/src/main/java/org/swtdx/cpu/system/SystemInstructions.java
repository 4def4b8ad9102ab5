package org.swtdx.cpu.system;

import java.util.List;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** Every instruction of this package. */
public final class SystemInstructions implements InstructionFamily {
  private static final List<InstructionFamily> FAMILIES =
      List.of(
          new SegmentInstructions(),
          new TransferInstructions(),
          new TableInstructions(),
          new ControlInstructions(),
          new GuestInstructions(),
          new FastCallInstructions());

  /** Creates the family. */
  public SystemInstructions() {}

  @Override
  public void register(OpcodeTable table) {
    for (InstructionFamily family : FAMILIES) {
      family.register(table);
    }
  }
}
