package org.swtdx.tdxmodule.metadata;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.VmControls;
import org.swtdx.cpu.VmExit;
import org.swtdx.tdxmodule.vp.Tdvps;

/** Guest state of a vCPU, which the masks of the table show for a debug TD only. */
final class VcpuDebugFields {
  private static final String[] REGISTERS = {
    "RAX",
    "RCX",
    "RDX",
    "RBX",
    "GUEST_RSP",
    "RBP",
    "RSI",
    "RDI",
    "R8",
    "R9",
    "R10",
    "R11",
    "R12",
    "R13",
    "R14",
    "R15"
  };
  private static final String[] SEGMENTS = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};

  private static final int IA32_EFER = 0xc0000080;

  private VcpuDebugFields() {}

  static void bind(FieldTable<Tdvps> table) {
    registers(table);
    segments(table);
    controlRegisters(table);
    msrs(table);
    exitInformation(table);
    veInformation(table);
    table.bind(
        "VAPIC",
        (v, i) ->
            Integer.toUnsignedLong(v.guest().processor().apic().read(8 * i))
                | (long) v.guest().processor().apic().read(8 * i + 4) << 32);
  }

  private static CpuState state(Tdvps vcpu) {
    return vcpu.guest().state();
  }

  private static VmControls controls(Tdvps vcpu) {
    return vcpu.guest().processor().controls();
  }

  private static void registers(FieldTable<Tdvps> table) {
    for (int i = 0; i < REGISTERS.length; i++) {
      int register = i;
      table.bind(
          REGISTERS[i],
          (v, _) -> state(v).gpr(register),
          (v, _, _, value) -> {
            state(v).setGpr(register, value);
            return true;
          });
    }
    table
        .bind(
            "GUEST_RIP",
            (v, _) -> state(v).rip(),
            (v, _, _, value) -> {
              state(v).setRip(value);
              return true;
            })
        .bind(
            "GUEST_RFLAGS",
            (v, _) -> state(v).rflags(),
            (v, _, _, value) -> {
              state(v).setRflags(value);
              return true;
            });
    for (int i : new int[] {0, 1, 2, 3, 6}) {
      bindDebugRegister(table, "DR" + i, i);
    }
    bindDebugRegister(table, "GUEST_DR7", 7);
    table
        .bind("INTERRUPTIBILITY_STATE", (v, _) -> state(v).interruptibility())
        .bind("ACTIVITY_STATE", (v, _) -> state(v).activityState())
        .bind("PENDING_DEBUG_EXCEPTIONS", (v, _) -> state(v).pendingDebug());
  }

  private static void bindDebugRegister(FieldTable<Tdvps> table, String name, int number) {
    table.bind(
        name,
        (v, _) -> state(v).dr(number),
        (v, _, _, value) -> {
          state(v).setDr(number, value);
          return true;
        });
  }

  private static void segments(FieldTable<Tdvps> table) {
    for (int i = 0; i < SEGMENTS.length; i++) {
      int segment = i;
      String prefix = "GUEST_" + SEGMENTS[i];
      table
          .bind(prefix + "_SELECTOR", (v, _) -> segment(v, segment).selector())
          .bind(prefix + "_BASE", (v, _) -> segment(v, segment).base())
          .bind(prefix + "_LIMIT", (v, _) -> Integer.toUnsignedLong(segment(v, segment).limit()))
          .bind(prefix + "_ACCESS_RIGHTS", (v, _) -> segment(v, segment).accessRights());
    }
    table
        .bind("GUEST_GDTR_BASE", (v, _) -> state(v).gdtBase())
        .bind("GUEST_GDTR_LIMIT", (v, _) -> state(v).gdtLimit())
        .bind("GUEST_IDTR_BASE", (v, _) -> state(v).idtBase())
        .bind("GUEST_IDTR_LIMIT", (v, _) -> state(v).idtLimit());
  }

  private static SegmentRegister segment(Tdvps vcpu, int index) {
    return state(vcpu).segment(index);
  }

  private static void controlRegisters(FieldTable<Tdvps> table) {
    table
        .bind("GUEST_CR0", (v, _) -> state(v).cr(0))
        .bind("GUEST_CR3", (v, _) -> state(v).cr(3))
        .bind("GUEST_CR4", (v, _) -> state(v).cr(4))
        .bind(
            "CR2",
            (v, _) -> state(v).cr(2),
            (v, _, _, value) -> {
              state(v).setCr(2, value);
              return true;
            })
        .bind("XCR0", (v, _) -> state(v).xcr0())
        .bind("CR0_GUEST_HOST_MASK", (v, _) -> controls(v).cr0Mask)
        .bind("CR0_READ_SHADOW", (v, _) -> controls(v).cr0ReadShadow)
        .bind("CR4_GUEST_HOST_MASK", (v, _) -> controls(v).cr4Mask)
        .bind("CR4_READ_SHADOW", (v, _) -> controls(v).cr4ReadShadow)
        .bind(
            "EXCEPTION_BITMAP",
            (v, _) -> Integer.toUnsignedLong(controls(v).exceptionBitmap),
            (v, _, _, value) -> {
              controls(v).exceptionBitmap = (int) value;
              return true;
            });
  }

  private static void msrs(FieldTable<Tdvps> table) {
    bindMsr(table, "IA32_EFER", IA32_EFER);
    bindMsr(table, "IA32_PAT", 0x277);
    bindMsr(table, "IA32_SYSENTER_CS", 0x174);
    bindMsr(table, "IA32_SYSENTER_ESP", 0x175);
    bindMsr(table, "IA32_SYSENTER_EIP", 0x176);
    bindMsr(table, "IA32_SPEC_CTRL", 0x48);
    bindMsr(table, "IA32_XSS", 0xda0);
    bindMsr(table, "IA32_STAR", 0xc0000081);
    bindMsr(table, "IA32_LSTAR", 0xc0000082);
    bindMsr(table, "IA32_FMASK", 0xc0000084);
    bindMsr(table, "IA32_KERNEL_GS_BASE", 0xc0000102);
    bindMsr(table, "IA32_TSC_AUX", 0xc0000103);
    table.bind("IA32_DEBUGCTL", (v, _) -> v.guest().debugControl);
  }

  private static void bindMsr(FieldTable<Tdvps> table, String name, int msr) {
    table.bind(name, (v, _) -> state(v).msr(msr));
  }

  private static void exitInformation(FieldTable<Tdvps> table) {
    table
        .bind("VMCS_EXIT_REASON", (v, _) -> exit(v).reason)
        .bind("VMCS_EXIT_QUALIFICATION", (v, _) -> exit(v).qualification)
        .bind("GUEST_PHYSICAL_ADDRESS", (v, _) -> exit(v).guestPhysicalAddress)
        .bind("GUEST_LINEAR_ADDRESS", (v, _) -> exit(v).guestLinearAddress)
        .bind("VM_EXIT_INTERRUPTION_INFORMATION", (v, _) -> u32(exit(v).interruptionInfo))
        .bind("VM_EXIT_INTERRUPTION_ERROR_CODE", (v, _) -> u32(exit(v).interruptionErrorCode))
        .bind("IDT_VECTORING_INFORMATION", (v, _) -> u32(exit(v).idtVectoringInfo))
        .bind("IDT_VECTORING_ERROR_CODE", (v, _) -> u32(exit(v).idtVectoringErrorCode))
        .bind("VM_EXIT_INSTRUCTION_LENGTH", (v, _) -> exit(v).instructionLength)
        .bind("VM_EXIT_INSTRUCTION_INFORMATION", (v, _) -> u32(exit(v).instructionInfo));
  }

  private static void veInformation(FieldTable<Tdvps> table) {
    table
        .bind("EXIT_REASON", (v, _) -> v.guest().ve().exitReason)
        .bind("VALID", (v, _) -> v.guest().ve().valid ? 0xffff_ffffL : 0)
        .bind("EXIT_QUALIFICATION", (v, _) -> v.guest().ve().qualification)
        .bind("GLA", (v, _) -> v.guest().ve().guestLinearAddress)
        .bind("GPA", (v, _) -> v.guest().ve().guestPhysicalAddress)
        .bind("INSTRUCTION_LENGTH", (v, _) -> v.guest().ve().instructionLength)
        .bind("INSTRUCTION_INFORMATION", (v, _) -> u32(v.guest().ve().instructionInfo));
  }

  private static VmExit exit(Tdvps vcpu) {
    return vcpu.guest().exit();
  }

  private static long u32(int value) {
    return Integer.toUnsignedLong(value);
  }
}
