package org.swtdx.embedded.program;

import static org.swtdx.embedded.assembler.Register.EAX;
import static org.swtdx.embedded.assembler.Register.ECX;
import static org.swtdx.embedded.assembler.Register.EDX;
import static org.swtdx.embedded.assembler.Register.R10;
import static org.swtdx.embedded.assembler.Register.R11;
import static org.swtdx.embedded.assembler.Register.R12;
import static org.swtdx.embedded.assembler.Register.R13;
import static org.swtdx.embedded.assembler.Register.R14;
import static org.swtdx.embedded.assembler.Register.R15;
import static org.swtdx.embedded.assembler.Register.RAX;
import static org.swtdx.embedded.assembler.Register.RCX;
import static org.swtdx.embedded.assembler.Register.RDI;
import static org.swtdx.embedded.assembler.Register.RDX;

import org.swtdx.embedded.assembler.Assembler;
import org.swtdx.embedded.assembler.Condition;
import org.swtdx.embedded.assembler.Label;

/**
 * The interrupt by which the VMM tells that a quote is ready (GHCI,
 * TDG.VP.VMCALL&lt;SetupEventNotifyInterrupt&gt;): one interrupt descriptor, an enabled local APIC,
 * and a halt until the interrupt comes.
 */
final class EventNotification {
  /** The vector; everything from 32 on will do. */
  static final int VECTOR = 0x51;

  private static final int GATE_SIZE = 16;
  private static final long INTERRUPT_GATE = 0x8e00_0008_0000L; // present, code selector 8
  private static final int X2APIC_EOI = 0x80b;
  private static final int X2APIC_SVR = 0x80f;
  private static final int APIC_ENABLED = 0x1ff; // and spurious interrupts at vector 0xff

  private final Assembler asm;
  private final Tdvmcalls calls;

  EventNotification(Assembler asm, Tdvmcalls calls) {
    this.asm = asm;
    this.calls = calls;
  }

  /** Appends code that asks for notifications; a VMM that has none leaves NOTIFIES at zero. */
  void setUp() {
    Label handler = new Label("notified");
    Label behind = new Label("behindHandler");
    asm.jmp(behind);
    emitHandler(handler);
    asm.bind(behind).lea(RAX, handler);
    asm.mov(RDX, RAX).shr(RDX, 16).shl(RDX, 48);
    asm.and(RAX, 0xffff).or(RAX, RDX).mov(RDX, INTERRUPT_GATE).or(RAX, RDX);
    asm.mov(RDI, AddressMap.IDT + VECTOR * GATE_SIZE).store(RDI, 0, RAX).store64(RDI, 8, 0);
    asm.mov(RDI, AddressMap.IDT_POINTER);
    int limit = (VECTOR + 1) * GATE_SIZE - 1;
    asm.store32(RDI, 0, limit | AddressMap.IDT << 16).store64(RDI, 4, AddressMap.IDT >>> 16);
    asm.lidtRdi();
    // The module virtualizes EOI, but leaves this register to the VMM.
    asm.mov(R11, Tdvmcalls.WRMSR).mov(R12, X2APIC_SVR).mov(R13, APIC_ENABLED);
    asm.mov(R14, 0).mov(R15, 0).call(calls.call);

    Label none = new Label("noNotifications");
    asm.mov(R11, Tdvmcalls.SETUP_EVENT_NOTIFY_INTERRUPT).mov(R12, VECTOR);
    asm.mov(R13, 0).mov(R14, 0).mov(R15, 0).call(calls.tryCall);
    asm.test(R10, R10).jump(Condition.NOT_EQUAL, none);
    asm.mov(RDI, Variable.NOTIFIES.address()).store64(RDI, 0, 1);
    asm.bind(none);
  }

  private void emitHandler(Label handler) {
    asm.bind(handler).push(RAX).push(RCX).push(RDX).push(RDI);
    asm.mov(RDI, Variable.NOTIFIED.address()).store64(RDI, 0, 1);
    asm.mov(ECX, X2APIC_EOI).mov(EAX, 0).mov(EDX, 0).wrmsr();
    asm.pop(RDI).pop(RDX).pop(RCX).pop(RAX).iretq();
  }

  /**
   * Appends code that halts until the notification has come, if it is to come. The halt comes in
   * the shadow of STI, so that no interrupt is lost between the look and the halt.
   */
  void await() {
    Label again = new Label("awaitNotification");
    Label over = new Label("notificationOver");
    BootCode.loadVariable(asm, RAX, Variable.NOTIFIES);
    asm.test(RAX, RAX).jump(Condition.EQUAL, over);
    asm.bind(again).cli();
    BootCode.loadVariable(asm, RAX, Variable.NOTIFIED);
    asm.test(RAX, RAX).jump(Condition.NOT_EQUAL, over);
    asm.mov(RAX, 0).mov(RCX, Tdvmcalls.R10_TO_R15).mov(R10, 0).mov(R11, Tdvmcalls.HLT);
    asm.mov(R12, 0).sti().tdcall().jmp(again);
    asm.bind(over);
  }
}
