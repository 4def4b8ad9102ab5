package org.swtdx.embedded.program;

import static org.swtdx.embedded.assembler.Register.R10;
import static org.swtdx.embedded.assembler.Register.R11;
import static org.swtdx.embedded.assembler.Register.R12;
import static org.swtdx.embedded.assembler.Register.R13;
import static org.swtdx.embedded.assembler.Register.R14;
import static org.swtdx.embedded.assembler.Register.R15;
import static org.swtdx.embedded.assembler.Register.R8;
import static org.swtdx.embedded.assembler.Register.R9;
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
 * Requests to the VMM: TDG.VP.VMCALL with the sub-function in R11, its arguments in R12 to R15, and
 * the status in R10 (GHCI, "TDG.VP.VMCALL interface"). The routines clobber RAX, RCX and R8 to R15.
 */
final class Tdvmcalls {
  /** Sub-function Instruction.HLT. */
  static final int HLT = 12;

  /** Sub-function Instruction.IO. */
  static final int IO = 30;

  /** Sub-function Instruction.WRMSR. */
  static final int WRMSR = 32;

  /** Sub-function MapGPA. */
  static final int MAP_GPA = 0x10001;

  /** Sub-function GetQuote. */
  static final int GET_QUOTE = 0x10002;

  /** Sub-function SetupEventNotifyInterrupt. */
  static final int SETUP_EVENT_NOTIFY_INTERRUPT = 0x10004;

  /** The registers that a call passes. */
  static final int R10_TO_R15 = 0xfc00;

  private static final int REPORT_FATAL_ERROR = 0x10003;

  /** R10 to R15 and RDX, RBX, RSI, RDI, R8, R9, in which the message travels. */
  private static final int WITH_MESSAGE = R10_TO_R15 | 0x3cc;

  /** Makes the call that R11 to R15 describe; stops the TD unless it succeeds. */
  final Label call = new Label("call");

  /** As {@link #call}, but leaves the status in R10 to the caller. */
  final Label tryCall = new Label("tryCall");

  /** Stops the TD; RDI points to a text of up to 63 characters, padded with zeros to 64. */
  final Label fail = new Label("fail");

  /** Parks the vCPU for ever. */
  final Label park = new Label("park");

  private final Assembler asm;
  private final Texts texts;
  private final Label reportFatalError = new Label("reportFatalError");

  Tdvmcalls(Assembler asm, Texts texts) {
    this.asm = asm;
    this.texts = texts;
  }

  /** Appends the routines. */
  void emit(Console console) {
    Label failed = new Label("callFailed");
    asm.bind(tryCall).xor(RAX, RAX).mov(RCX, R10_TO_R15).xor(R10, R10).tdcall();
    asm.test(RAX, RAX).jump(Condition.NOT_EQUAL, failed).ret();
    asm.bind(call).call(tryCall).test(R10, R10).jump(Condition.NOT_EQUAL, failed).ret();
    asm.bind(failed).lea(RDI, texts.text(message("a TDVMCALL failed"))).jmp(reportFatalError);

    asm.bind(fail).push(RDI).push(RDI);
    asm.lea(RDI, texts.text("embedded TD: ")).call(console.print);
    asm.pop(RDI).call(console.print).call(console.newLine).pop(RDI);
    emitReportFatalError();

    Label again = new Label("parkAgain");
    asm.bind(park).bind(again);
    asm.xor(RAX, RAX).mov(RCX, R10_TO_R15).xor(R10, R10).mov(R11, HLT).mov(R12, 1).tdcall();
    asm.jmp(again);
  }

  /** The message travels in registers; the order is GHCI's. */
  private void emitReportFatalError() {
    asm.bind(reportFatalError).mov(RBP, RDI);
    asm.load(R14, RBP, 0).load(R15, RBP, 8).load(RBX, RBP, 16).load(RDI, RBP, 24);
    asm.load(RSI, RBP, 32).load(R8, RBP, 40).load(R9, RBP, 48).load(RDX, RBP, 56);
    asm.xor(RAX, RAX).mov(RCX, WITH_MESSAGE).xor(R10, R10).mov(R11, REPORT_FATAL_ERROR);
    asm.xor(R12, R12).xor(R13, R13).tdcall();
    asm.jmp(park);
  }

  /** Jumps to {@link #fail} with a message if the condition holds. */
  void failIf(Condition condition, String text) {
    Label fine = new Label("fine");
    Label bad = new Label("bad");
    asm.jump(condition, bad).jmp(fine);
    asm.bind(bad).lea(RDI, texts.text(message(text))).jmp(fail);
    asm.bind(fine);
  }

  /** Pads a message to the 63 characters and the zero that ReportFatalError takes. */
  private static String message(String text) {
    if (text.length() > 63) {
      throw new IllegalArgumentException("too long for ReportFatalError: " + text);
    }
    return text + "\0".repeat(63 - text.length());
  }
}
