package org.swtdx.tdxmodule.metadata;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.VmControls;
import org.swtdx.cpu.VmExit;
import org.swtdx.tdxmodule.measure.LittleEndian;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
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
  private static final int IA32_DEBUGCTL = 0x1d9;
  private static final int XSAVE_SIZE = 4096;
  private static final int MXCSR_WORD = 3;
  private static final int FIRST_HEADER_WORD = 64;
  private static final int LAST_HEADER_WORD = 71;
  private static final long INTERRUPTIBILITY = 0xb;
  private static final long PENDING_DEBUG = 0x1500fL;

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
        .bind(
            "INTERRUPTIBILITY_STATE",
            (v, _) -> state(v).interruptibility(),
            (v, _, _, value) -> {
              valid((value & ~INTERRUPTIBILITY) == 0);
              state(v).setInterruptibility((int) value);
              return true;
            })
        .bind("ACTIVITY_STATE", (v, _) -> state(v).activityState())
        .bind(
            "PENDING_DEBUG_EXCEPTIONS",
            (v, _) -> state(v).pendingDebug(),
            (v, _, _, value) -> {
              valid((value & ~PENDING_DEBUG) == 0);
              state(v).setPendingDebug(value);
              return true;
            })
        .bind("XBUFF", VcpuDebugFields::xsaveWord, VcpuDebugFields::setXsaveWord);
  }

  private static void valid(boolean condition) throws Refusal {
    Refusal.unless(condition, Status.METADATA_FIELD_VALUE_NOT_VALID);
  }

  private static long xsaveWord(Tdvps vcpu, int index) {
    if (index >= XSAVE_SIZE / Long.BYTES) {
      return 0;
    }
    byte[] area = new byte[XSAVE_SIZE];
    state(vcpu).readXsave(area);
    return LittleEndian.u64(area, Long.BYTES * index);
  }

  private static boolean setXsaveWord(Tdvps vcpu, int index, long old, long value) throws Refusal {
    Refusal.unless(
        index < FIRST_HEADER_WORD || index > LAST_HEADER_WORD, Status.METADATA_FIELD_NOT_WRITABLE);
    boolean mxcsr = index == MXCSR_WORD;
    valid(index < XSAVE_SIZE / Long.BYTES && !(mxcsr && ((int) value & ~0xffff) != 0));
    byte[] area = new byte[XSAVE_SIZE];
    state(vcpu).readXsave(area);
    LittleEndian.put64(area, Long.BYTES * index, value);
    // Every component counts: none becomes initial because another one was written.
    LittleEndian.put64(area, Long.BYTES * FIRST_HEADER_WORD, vcpu.guest().td().xfam());
    state(vcpu).writeXsave(area);
    return true;
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
      int number = i;
      String prefix = "GUEST_" + SEGMENTS[i];
      table
          .bind(
              prefix + "_SELECTOR",
              (v, _) -> segment(v, number).selector(),
              (v, _, _, value) -> {
                SegmentRegister s = segment(v, number);
                return set(v, number, (int) value, s.base(), s.limit(), s.accessRights());
              })
          .bind(
              prefix + "_BASE",
              (v, _) -> segment(v, number).base(),
              (v, _, _, value) -> {
                SegmentRegister s = segment(v, number);
                return set(v, number, s.selector(), value, s.limit(), s.accessRights());
              })
          .bind(
              prefix + "_LIMIT",
              (v, _) -> u32(segment(v, number).limit()),
              (v, _, _, value) -> {
                SegmentRegister s = segment(v, number);
                return set(v, number, s.selector(), s.base(), (int) value, s.accessRights());
              })
          .bind(
              prefix + "_ACCESS_RIGHTS",
              (v, _) -> segment(v, number).accessRights(),
              (v, _, _, value) -> {
                SegmentRegister s = segment(v, number);
                return set(v, number, s.selector(), s.base(), s.limit(), (int) value);
              });
    }
    table
        .bind(
            "GUEST_GDTR_BASE",
            (v, _) -> state(v).gdtBase(),
            (v, _, _, value) -> {
              state(v).setGdt(value, state(v).gdtLimit());
              return true;
            })
        .bind(
            "GUEST_GDTR_LIMIT",
            (v, _) -> state(v).gdtLimit(),
            (v, _, _, value) -> {
              state(v).setGdt(state(v).gdtBase(), (int) value & 0xffff);
              return true;
            })
        .bind(
            "GUEST_IDTR_BASE",
            (v, _) -> state(v).idtBase(),
            (v, _, _, value) -> {
              state(v).setIdt(value, state(v).idtLimit());
              return true;
            })
        .bind(
            "GUEST_IDTR_LIMIT",
            (v, _) -> state(v).idtLimit(),
            (v, _, _, value) -> {
              state(v).setIdt(state(v).idtBase(), (int) value & 0xffff);
              return true;
            });
  }

  private static boolean set(
      Tdvps vcpu, int number, int selector, long base, int limit, int accessRights) {
    state(vcpu).setSegment(number, new SegmentRegister(selector, base, limit, accessRights));
    return true;
  }

  private static SegmentRegister segment(Tdvps vcpu, int index) {
    return state(vcpu).segment(index);
  }

  private static void controlRegisters(FieldTable<Tdvps> table) {
    table
        .bind("GUEST_CR0", (v, _) -> state(v).cr(0), VcpuDebugFields::setCr0)
        .bind("GUEST_CR3", (v, _) -> state(v).cr(3), VcpuDebugFields::setCr3)
        .bind("GUEST_CR4", (v, _) -> state(v).cr(4), VcpuDebugFields::setCr4)
        .bind(
            "CR2",
            (v, _) -> state(v).cr(2),
            (v, _, _, value) -> {
              state(v).setCr(2, value);
              return true;
            })
        .bind("XCR0", (v, _) -> state(v).xcr0());
  }

  private static boolean setCr0(Tdvps vcpu, int index, long old, long value) throws Refusal {
    VmControls c = vcpu.guest().processor().controls();
    return setAsGuest(vcpu, 0, value, c.cr0Mask, c.cr0ReadShadow);
  }

  private static boolean setCr4(Tdvps vcpu, int index, long old, long value) throws Refusal {
    VmControls c = vcpu.guest().processor().controls();
    return setAsGuest(vcpu, 4, value, c.cr4Mask, c.cr4ReadShadow);
  }

  /** Writes as the guest does: bits that the module owns must be as the guest sees them. */
  private static boolean setAsGuest(Tdvps vcpu, int number, long value, long owned, long shadow)
      throws Refusal {
    valid(value >>> 32 == 0 && ((value ^ shadow) & owned) == 0);
    state(vcpu).setCr(number, state(vcpu).cr(number) & owned | value & ~owned);
    return true;
  }

  /** CR3 holds a private address. */
  private static boolean setCr3(Tdvps vcpu, int index, long old, long value) throws Refusal {
    valid(vcpu.guest().tdcs().isPrivate(value));
    state(vcpu).setCr(3, value);
    return true;
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
    bindMsr(table, "IA32_RTIT_CTL", 0x570);
    bindMsr(table, "IA32_LBR_CTL", 0x14ce);
    bindMsr(table, "IA32_GUEST_PKRS", 0x6e1);
    bindMsr(table, "GUEST_IA32_S_CET", 0x6a2);
    bindMsr(table, "GUEST_SSP", 0x6a4);
    bindMsr(table, "GUEST_IA32_INTERRUPT_SSP_TABLE_ADDR", 0x6a8);
    bindMsr(table, "IA32_UMWAIT_CONTROL", 0xe1);
    bindMsr(table, "IA32_TSX_CTRL", 0x122);
    bindMsr(table, "IA32_PERFEVTSELX", 0x186);
    bindMsr(table, "MSR_OFFCORE_RSPX", 0x1a6);
    bindMsr(table, "IA32_XFD", 0x1c4);
    bindMsr(table, "IA32_XFD_ERR", 0x1c5);
    bindMsr(table, "IA32_FIXED_CTRX", 0x309);
    bindMsr(table, "IA32_PERF_METRICS", 0x329);
    bindMsr(table, "IA32_FIXED_CTR_CTRL", 0x38d);
    bindMsr(table, "IA32_PERF_GLOBAL_STATUS", 0x38e);
    bindMsr(table, "IA32_PEBS_ENABLE", 0x3f1);
    bindMsr(table, "MSR_PEBS_DATA_CFG", 0x3f2);
    bindMsr(table, "MSR_PEBS_LD_LAT", 0x3f6);
    bindMsr(table, "MSR_PEBS_FRONTEND", 0x3f7);
    bindMsr(table, "IA32_A_PMCX", 0x4c1);
    bindMsr(table, "IA32_DS_AREA", 0x600);
    bindMsr(table, "IA32_LBR_DEPTH", 0x14cf);
    bindMsr(table, "IA32_UARCH_MISC_CTL", 0x1b01);
    table.bind(
        "IA32_DEBUGCTL",
        (v, _) -> v.guest().debugControl,
        (v, _, _, value) -> {
          v.guest().debugControl = value;
          state(v).setMsr(IA32_DEBUGCTL, value);
          return true;
        });
  }

  /** Binds a field whose elements are consecutive MSRs; those that do not exist read 0. */
  private static void bindMsr(FieldTable<Tdvps> table, String name, int msr) {
    table.bind(
        name,
        (v, i) -> state(v).msr(msr + i),
        (v, i, _, value) -> {
          valid(state(v).setMsr(msr + i, value));
          return true;
        });
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
