package org.swtdx.embedded.program;

import org.swtdx.embedded.assembler.Assembler;
import org.swtdx.embedded.assembler.Label;

/** Puts the parts of the program together. */
public final class TdProgram {
  private TdProgram() {}

  /**
   * Assembles the program for address {@link AddressMap#IMAGE}; the result depends on its source
   * alone. It begins with its first instruction, in 32-bit protected mode.
   */
  public static byte[] assemble() {
    Assembler asm = new Assembler(AddressMap.IMAGE);
    Texts texts = new Texts();
    Label main = new Label("main");
    Tdvmcalls calls = new Tdvmcalls(asm, texts);
    Console console = new Console(asm, texts, calls);
    BootCode.emit(asm, main);
    calls.emit(console);
    console.emit();
    MainProgram.emit(asm, texts, calls, console, main);
    texts.emit(asm);
    return asm.toBytes();
  }
}
