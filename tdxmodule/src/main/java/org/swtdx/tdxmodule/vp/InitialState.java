package org.swtdx.tdxmodule.vp;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.VmControls;
import org.swtdx.tdxmodule.td.TscScaling;
import org.swtdx.tdxmodule.virt.TdAttributes;
import org.swtdx.tdxmodule.virt.TdCpuid;
import org.swtdx.tdxmodule.virt.TdParameters;
import org.swtdx.tdxmodule.virt.Xfam;

/**
 * The state in which a vCPU starts, TDX Module Base Architecture Specification, "Initial State of a
 * TD VCPU": flat 32-bit protected mode at the reset vector, with long mode already permitted.
 */
final class InitialState {
  private static final long RESET_VECTOR = 0xfffffff0L;
  private static final long RFLAGS = 2;

  private static final long CR0_PE = 1;
  private static final long CR0_NE = 1 << 5;
  private static final long CR0_NW = 1L << 29;
  private static final long CR0_CD = 1L << 30;
  private static final long CR4_MCE = 1 << 6;
  private static final long CR4_VMXE = 1 << 13;
  private static final long CR4_SMXE = 1 << 14;

  private static final long CR4_LASS = 1L << 27;

  private static final long EFER_LME_NXE_SCE = 0x901;
  private static final long PAT_RESET = 0x0007040600070406L;
  private static final long FMASK_RESET = 0x20200;
  private static final long DR6_RESET = 0xffff0ff0L;
  private static final long DR7_RESET = 0x400;

  private static final int IA32_PAT = 0x277;
  private static final int IA32_XSS = 0xda0;
  private static final int IA32_EFER = 0xc0000080;
  private static final int IA32_FMASK = 0xc0000084;

  private static final int CODE_32 = 0xc09b;
  private static final int DATA_32 = 0xc093;
  private static final int LDT_UNUSABLE = 0x10082;
  private static final int TSS_BUSY = 0x8b;

  /** Bits that the module owns: reserved ones too, which MOV to CR0 leaves alone. */
  private static final long CR0_OWNED = 0xffff_ffff_1ffa_ffc0L | CR0_PE | CR0_NE | CR0_NW | CR0_CD;

  // VME, PVI, TSD, DE, PSE, PAE, MCE, PGE, PCE, OSFXSR, OSXMMEXCPT; VMXE and SMXE are masked.
  private static final long CR4_ALWAYS = 0x7ff | CR4_VMXE | CR4_SMXE;

  /** CR4 bits of features that a processor need not have. */
  private enum Cr4Feature {
    UMIP(11, 7, 2, 2),
    LA57(12, 7, 2, 16),
    FSGSBASE(16, 7, 1, 0),
    PCIDE(17, 1, 2, 17),
    OSXSAVE(18, 1, 2, 26),
    SMEP(20, 7, 1, 7),
    SMAP(21, 7, 1, 20),
    PKE(22, 7, 2, 3),
    CET(23, 7, 2, 7),
    PKS(24, 7, 2, 31),
    UINTR(25, 7, 3, 5);

    private final int cr4Bit;
    private final int leaf;
    private final int register;
    private final int cpuidBit;

    Cr4Feature(int cr4Bit, int leaf, int register, int cpuidBit) {
      this.cr4Bit = cr4Bit;
      this.leaf = leaf;
      this.register = register;
      this.cpuidBit = cpuidBit;
    }

    long bit() {
      return 1L << cr4Bit;
    }

    boolean exists(TdCpuid cpuid) {
      return cpuid.processorHas(leaf, register, cpuidBit);
    }
  }

  private InitialState() {}

  /** Puts {@code vcpu} into its initial state; the host's value goes to RCX and R8. */
  static void apply(GuestContext vcpu, long hostValue) {
    CpuState state = vcpu.state();
    for (int i = 0; i < 16; i++) {
      state.setGpr(i, 0);
    }
    state.setGpr(CpuState.RBX, vcpu.td().guestPhysicalAddressWidth());
    state.setGpr(CpuState.RCX, hostValue);
    state.setGpr(CpuState.RDX, Integer.toUnsignedLong(vcpu.cpuid().processorSignature()));
    state.setGpr(CpuState.RSI, vcpu.index());
    state.setGpr(8, hostValue);
    state.setCr(0, CR0_PE | CR0_NE);
    state.setCr(3, 0);
    state.setCr(4, CR4_VMXE | CR4_MCE);
    state.setMsr(IA32_EFER, EFER_LME_NXE_SCE);
    segments(state);
    state.setRip(RESET_VECTOR);
    state.setRflags(RFLAGS);
    state.setDr(6, DR6_RESET);
    state.setDr(7, DR7_RESET);
    state.setXcr0(1);
    state.setMsr(IA32_XSS, 0);
    state.setMsr(IA32_PAT, PAT_RESET);
    state.setMsr(IA32_FMASK, FMASK_RESET);
    controls(vcpu);
    vcpu.lastExitTsc = vcpu.platform().environment().tsc();
  }

  private static void segments(CpuState state) {
    SegmentRegister data = new SegmentRegister(0, 0, -1, DATA_32);
    for (int segment :
        new int[] {
          SegmentRegister.ES,
          SegmentRegister.SS,
          SegmentRegister.DS,
          SegmentRegister.FS,
          SegmentRegister.GS
        }) {
      state.setSegment(segment, data);
    }
    state.setSegment(SegmentRegister.CS, new SegmentRegister(0, 0, -1, CODE_32));
    state.setSegment(SegmentRegister.LDTR, new SegmentRegister(0, 0, 0xffff, LDT_UNUSABLE));
    state.setSegment(SegmentRegister.TR, new SegmentRegister(0, 0, 0xffff, TSS_BUSY));
    state.setGdt(0, 0xffff);
    state.setIdt(0, 0);
  }

  private static void controls(GuestContext vcpu) {
    TdParameters td = vcpu.td();
    TscScaling tsc = vcpu.tdcs().tsc();
    TdCpuid cpuid = td.cpuid();
    VmControls controls = vcpu.processor().controls();
    boolean monitor = cpuid.has(1, 0, 2, 3);
    controls.tdMode = true;
    controls.hltExiting = true;
    controls.ioExiting = true;
    controls.wbinvdExiting = true;
    controls.rdpmcExiting = (td.attributes() & TdAttributes.PERFMON) == 0;
    controls.monitorExiting = !monitor;
    controls.mwaitExiting = !monitor;
    controls.cr0Mask = CR0_OWNED;
    controls.cr0ReadShadow = CR0_PE | CR0_NE;
    controls.cr4ReadShadow = CR4_MCE;
    controls.cr4Allowed = allowedCr4(td);
    controls.cr4Mask = ~controls.cr4Allowed | CR4_MCE | CR4_VMXE | CR4_SMXE;
    controls.msrPolicy = td.msrs();
    controls.tscOffset = tsc.offset();
    controls.tscMultiplier = tsc.multiplier();
    controls.eptViolationVe = true;
    controls.apicVirtualization = true;
    // A smaller MAXPA than the processor's is the module's affair: SHARED may lie above it.
    controls.guestPhysicalAddressBits =
        Math.max(td.physicalAddressWidth(), td.guestPhysicalAddressWidth());
  }

  /**
   * CR4 bits that exist for the guest; others raise #GP(0). The processor has them, and what XFAM
   * or ATTRIBUTES can refuse they grant. Hiding a feature in CPUID does not take its bit away.
   */
  static long allowedCr4(TdParameters td) {
    long bits = CR4_ALWAYS;
    for (Cr4Feature feature : Cr4Feature.values()) {
      bits |= feature.exists(td.cpuid()) && granted(feature, td) ? feature.bit() : 0;
    }
    if ((td.attributes() & TdAttributes.LASS) != 0) {
      bits |= CR4_LASS;
    }
    return bits;
  }

  private static boolean granted(Cr4Feature feature, TdParameters td) {
    return switch (feature) {
      case PKE -> (td.xfam() & Xfam.PKRU) != 0;
      case CET -> (td.xfam() & Xfam.CET) == Xfam.CET;
      case UINTR -> (td.xfam() & 1L << Xfam.ULI_BIT) != 0;
      case PKS -> (td.attributes() & TdAttributes.PKS) != 0;
      default -> true;
    };
  }
}
