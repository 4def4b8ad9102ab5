package org.swtdx.embedded.program;

import static org.swtdx.embedded.assembler.Register.EAX;
import static org.swtdx.embedded.assembler.Register.EBX;
import static org.swtdx.embedded.assembler.Register.ECX;
import static org.swtdx.embedded.assembler.Register.EDX;
import static org.swtdx.embedded.assembler.Register.R11;
import static org.swtdx.embedded.assembler.Register.R12;
import static org.swtdx.embedded.assembler.Register.R13;
import static org.swtdx.embedded.assembler.Register.R14;
import static org.swtdx.embedded.assembler.Register.R15;
import static org.swtdx.embedded.assembler.Register.R8;
import static org.swtdx.embedded.assembler.Register.R9;
import static org.swtdx.embedded.assembler.Register.RAX;
import static org.swtdx.embedded.assembler.Register.RBX;
import static org.swtdx.embedded.assembler.Register.RCX;
import static org.swtdx.embedded.assembler.Register.RDI;
import static org.swtdx.embedded.assembler.Register.RDX;
import static org.swtdx.embedded.assembler.Register.RSP;

import java.nio.charset.StandardCharsets;
import org.swtdx.embedded.assembler.Assembler;
import org.swtdx.embedded.assembler.Condition;
import org.swtdx.embedded.assembler.Label;

/** What the TD does once it is in long mode. */
final class MainProgram {
  private static final int CPUID_TDX = 0x21;
  private static final int TDG_VP_INFO = 1;

  private static final int CONFIG_ADDRESS = 0xcf8;
  private static final int CONFIG_DATA = 0xcfc;
  private static final long LPC_BRIDGE = 0x8000_f800L; // enabled, bus 0, device 31, function 0
  private static final int LPC_PMBASE = 0x40;
  private static final int LPC_ACPI_CONTROL = 0x44;
  private static final int ACPI_ENABLE = 0x80;
  private static final int PM_PORTS = 0x600;
  private static final int PM1_CONTROL = 4;
  private static final int ENTER_S5 = 0x2000; // SLP_EN, sleep type 0

  private final Assembler asm;
  private final Texts texts;
  private final Tdvmcalls calls;
  private final Console console;

  private MainProgram(Assembler asm, Texts texts, Tdvmcalls calls, Console console) {
    this.asm = asm;
    this.texts = texts;
    this.calls = calls;
    this.console = console;
  }

  /** Appends the program at {@code main}. */
  static void emit(Assembler asm, Texts texts, Tdvmcalls calls, Console console, Label main) {
    MainProgram program = new MainProgram(asm, texts, calls, console);
    asm.bind(main);
    program.checkThatThisIsTdx();
    program.learnAboutTheTd();
    program.greet();
    MemoryAcceptance memory = new MemoryAcceptance(asm, calls, console);
    memory.acceptFromHob();
    new SharedBuffer(asm, calls, console).share();
    new Attestation(asm, calls, console).attest();
    program.powerOff();
    memory.emitRoutines();
  }

  /** Without a TDX module there is no TDVMCALL; such a machine's serial port is reached by OUT. */
  private void checkThatThisIsTdx() {
    Label other = new Label("noTdx");
    Label tdx = new Label("tdx");
    asm.mov(EAX, CPUID_TDX).mov(ECX, 0).cpuid();
    asm.cmp(EBX, ascii("Inte")).jump(Condition.NOT_EQUAL, other);
    asm.cmp(EDX, ascii("lTDX")).jump(Condition.NOT_EQUAL, other);
    asm.cmp(ECX, ascii("    ")).jump(Condition.EQUAL, tdx);

    Label loop = new Label("outNext");
    Label halt = new Label("halt");
    asm.bind(other).lea(RBX, texts.text("embedded TD: this is no TDX guest\r\n"));
    asm.mov(EDX, Console.COM1);
    asm.bind(loop).load8(EAX, RBX, 0).test(EAX, EAX).jump(Condition.EQUAL, halt);
    asm.outDxAl().add(RBX, 1).jmp(loop);
    asm.bind(halt).hlt().jmp(halt);
    asm.bind(tdx);
  }

  private static int ascii(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24;
  }

  /** TDG.VP.INFO; all vCPUs come here, all but the first stay. */
  private void learnAboutTheTd() {
    asm.mov(RAX, TDG_VP_INFO).tdcall();
    asm.test(RAX, RAX).jump(Condition.NOT_EQUAL, calls.park);
    asm.shl(R9, 32).jump(Condition.NOT_EQUAL, calls.park);
    asm.mov(RSP, AddressMap.STACK_TOP);
    asm.mov(RBX, AddressMap.VARIABLES);
    asm.and(RCX, 0x3f).store(RBX, Variable.GPAW.displacement(), RCX);
    asm.store(RBX, Variable.ATTRIBUTES.displacement(), RDX);
    asm.shl(R8, 32).shr(R8, 32).store(RBX, Variable.VCPUS.displacement(), R8);
    asm.sub(RCX, 1).mov(RAX, 1).shlByCl(RAX);
    asm.store(RBX, Variable.SHARED_BIT.displacement(), RAX);
  }

  private void greet() {
    console.say("\r\nHello from inside a Trust Domain (swtdx embedded TD).\r\n");
    console.say("vCPUs          ");
    BootCode.loadVariable(asm, RDI, Variable.VCPUS);
    asm.call(console.printDecimal).call(console.newLine);
    console.say("address width  ");
    BootCode.loadVariable(asm, RDI, Variable.GPAW);
    asm.call(console.printDecimal).call(console.newLine);
    console.say("attributes     ");
    BootCode.loadVariable(asm, RDI, Variable.ATTRIBUTES);
    asm.call(console.printQuad).call(console.newLine);
  }

  /**
   * Enters S5. The ports of the chipset's power management are where firmware puts them, and this
   * is the firmware (ICH9 data sheet, LPC bridge: PMBASE, ACPI_CNTL).
   */
  private void powerOff() {
    console.say("powering off\r\n");
    writeConfig(LPC_PMBASE, PM_PORTS);
    writeConfig(LPC_ACPI_CONTROL, ACPI_ENABLE);
    out(2, PM_PORTS + PM1_CONTROL, ENTER_S5);
    asm.jmp(calls.park);
  }

  /** Writes a register of the LPC bridge through the PCI configuration ports. */
  private void writeConfig(int register, int value) {
    out(4, CONFIG_ADDRESS, LPC_BRIDGE | register);
    out(4, CONFIG_DATA, value);
  }

  private void out(int size, int port, long value) {
    asm.mov(R11, Tdvmcalls.IO).mov(R12, size).mov(R13, 1).mov(R14, port);
    asm.mov(R15, value).call(calls.call);
  }
}
