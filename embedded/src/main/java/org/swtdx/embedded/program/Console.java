package org.swtdx.embedded.program;

import static org.swtdx.embedded.assembler.Register.R11;
import static org.swtdx.embedded.assembler.Register.R12;
import static org.swtdx.embedded.assembler.Register.R13;
import static org.swtdx.embedded.assembler.Register.R14;
import static org.swtdx.embedded.assembler.Register.R15;
import static org.swtdx.embedded.assembler.Register.RAX;
import static org.swtdx.embedded.assembler.Register.RBP;
import static org.swtdx.embedded.assembler.Register.RBX;
import static org.swtdx.embedded.assembler.Register.RCX;
import static org.swtdx.embedded.assembler.Register.RDI;
import static org.swtdx.embedded.assembler.Register.RDX;
import static org.swtdx.embedded.assembler.Register.RSI;

import org.swtdx.embedded.assembler.Assembler;
import org.swtdx.embedded.assembler.Condition;
import org.swtdx.embedded.assembler.Label;

/**
 * Text on the first serial port, a byte at a time through TDVMCALL&lt;Instruction.IO&gt;. Arguments
 * are in RDI and RSI; the routines keep RBX and RBP.
 */
final class Console {
  /** The first serial port. */
  static final int COM1 = 0x3f8;

  private static final int LINE_STATUS = COM1 + 5;
  private static final int TRANSMITTER_EMPTY = 0x20;
  private static final int WRITE = 1;

  /** Prints the string at RDI. */
  final Label print = new Label("print");

  /** Prints RSI bytes from RDI as hexadecimal digits. */
  final Label printHex = new Label("printHex");

  /** Prints RDI as a decimal number. */
  final Label printDecimal = new Label("printDecimal");

  /** Prints RDI as sixteen hexadecimal digits. */
  final Label printQuad = new Label("printQuad");

  /** Ends the line. */
  final Label newLine = new Label("newLine");

  private final Assembler asm;
  private final Texts texts;
  private final Tdvmcalls calls;
  private final Label printByte = new Label("printByte");
  private final Label printNibble = new Label("printNibble");

  Console(Assembler asm, Texts texts, Tdvmcalls calls) {
    this.asm = asm;
    this.texts = texts;
    this.calls = calls;
  }

  /** Appends code that prints a constant. */
  void say(String text) {
    asm.lea(RDI, texts.text(text)).call(print);
  }

  /** Appends code that prints a name and bytes in hexadecimal, as a line. */
  void sayHex(String name, int address, int length) {
    say(name);
    asm.mov(RDI, address).mov(RSI, length).call(printHex).call(newLine);
  }

  /** Appends the routines. */
  void emit() {
    emitPrintByte();
    emitPrint();
    emitPrintHex();
    emitPrintQuad();
    emitPrintDecimal();
    asm.bind(newLine).lea(RDI, texts.text("\r\n")).jmp(print);
  }

  private void emitPrintByte() {
    Label wait = new Label("transmitterFull");
    asm.bind(printByte).push(RBX).mov(RBX, RDI);
    asm.bind(wait);
    asm.mov(R11, Tdvmcalls.IO).mov(R12, 1).mov(R13, 0).mov(R14, LINE_STATUS).mov(R15, 0);
    asm.call(calls.call).test(R11, TRANSMITTER_EMPTY).jump(Condition.EQUAL, wait);
    asm.mov(R11, Tdvmcalls.IO).mov(R12, 1).mov(R13, WRITE).mov(R14, COM1).mov(R15, RBX);
    asm.call(calls.call).pop(RBX).ret();
  }

  private void emitPrint() {
    Label loop = new Label("printNext");
    Label end = new Label("printEnd");
    asm.bind(print).push(RBP).mov(RBP, RDI);
    asm.bind(loop).load8(RDI, RBP, 0).test(RDI, RDI).jump(Condition.EQUAL, end);
    asm.call(printByte).add(RBP, 1).jmp(loop);
    asm.bind(end).pop(RBP).ret();
  }

  private void emitPrintHex() {
    Label loop = new Label("hexNext");
    Label end = new Label("hexEnd");
    asm.bind(printHex).push(RBP).push(RBX).mov(RBP, RDI).mov(RBX, RSI);
    asm.bind(loop).test(RBX, RBX).jump(Condition.EQUAL, end);
    asm.load8(RDI, RBP, 0).shr(RDI, 4).call(printNibble);
    asm.load8(RDI, RBP, 0).and(RDI, 15).call(printNibble);
    asm.add(RBP, 1).sub(RBX, 1).jmp(loop);
    asm.bind(end).pop(RBX).pop(RBP).ret();

    Label digit = new Label("digit");
    asm.bind(printNibble).cmp(RDI, 10).jump(Condition.BELOW, digit).add(RDI, 'a' - 10 - '0');
    asm.bind(digit).add(RDI, '0').jmp(printByte);
  }

  private void emitPrintQuad() {
    Label loop = new Label("quadNext");
    asm.bind(printQuad).push(RBP).push(RBX).mov(RBP, RDI).mov(RBX, 16);
    asm.bind(loop).rol(RBP, 4).mov(RDI, RBP).and(RDI, 15).call(printNibble);
    asm.sub(RBX, 1).jump(Condition.NOT_EQUAL, loop);
    asm.pop(RBX).pop(RBP).ret();
  }

  /** The digits come out last first, so they wait on the stack. */
  private void emitPrintDecimal() {
    Label divide = new Label("divide");
    Label output = new Label("output");
    asm.bind(printDecimal).push(RBX).mov(RAX, RDI).mov(RBX, 0).mov(RCX, 10);
    asm.bind(divide).xor(RDX, RDX).div(RCX).push(RDX).add(RBX, 1);
    asm.test(RAX, RAX).jump(Condition.NOT_EQUAL, divide);
    asm.bind(output).pop(RDI).call(printNibble).sub(RBX, 1);
    asm.jump(Condition.NOT_EQUAL, output).pop(RBX).ret();
  }
}
