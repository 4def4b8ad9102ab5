package org.swtdx.kvm;

/** Local APIC register numbers: xAPIC byte offset divided by 16, x2APIC MSR minus 0x800. */
final class ApicRegister {
  static final int ID = 0x02;
  static final int VERSION = 0x03;
  static final int TPR = 0x08;
  static final int PPR = 0x0a;
  static final int EOI = 0x0b;
  static final int LDR = 0x0d;
  static final int DFR = 0x0e;
  static final int SVR = 0x0f;
  static final int ISR = 0x10;
  static final int TMR = 0x18;
  static final int IRR = 0x20;
  static final int ESR = 0x28;
  static final int LVT_CMCI = 0x2f;
  static final int ICR = 0x30;
  static final int ICR2 = 0x31;
  static final int LVT_TIMER = 0x32;
  static final int LVT_THERMAL = 0x33;
  static final int LVT_PERFORMANCE = 0x34;
  static final int LVT_LINT0 = 0x35;
  static final int LVT_LINT1 = 0x36;
  static final int LVT_ERROR = 0x37;
  static final int TIMER_INITIAL = 0x38;
  static final int TIMER_CURRENT = 0x39;
  static final int TIMER_DIVIDE = 0x3e;
  static final int SELF_IPI = 0x3f;

  /** First x2APIC MSR. */
  static final int X2APIC_BASE = 0x800;

  private ApicRegister() {}
}
