package org.swtdx.kvm;

import static org.swtdx.cpu.CpuState.*;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.kvm.uapi.KvmDebugRegs;
import org.swtdx.kvm.uapi.KvmFpu;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmSregs2;
import org.swtdx.kvm.uapi.KvmXcrs;
import org.swtdx.kvm.uapi.KvmXsave;

/**
 * The register ioctls, between a processor's state and the structures. What each vendor checks and
 * where the state is differ. Results are 0 or negative error numbers.
 */
abstract sealed class RegisterIoctls permits VmxState, TdDebugState {
  private static final int[] SEGMENTS = {
    SegmentRegister.CS, SegmentRegister.DS, SegmentRegister.ES, SegmentRegister.FS,
    SegmentRegister.GS, SegmentRegister.SS, SegmentRegister.TR, SegmentRegister.LDTR
  };
  private static final int COMMON_SREGS = 280;
  private static final int EFER = 0xc000_0080;
  private static final long CR0_PG = 1L << 31;
  private static final long CR0_CD = 1 << 30;
  private static final long CR0_NW = 1 << 29;
  private static final long CR4_PAE = 1 << 5;
  private static final long EFER_LME = 1 << 8;
  private static final long EFER_LMA = 1 << 10;

  private final CpuState state;

  RegisterIoctls(CpuState state) {
    this.state = state;
  }

  /** IA32_APIC_BASE. */
  abstract long apicBase();

  /** Reads eight bytes of guest memory; 0 where there is none. */
  abstract long load(long gpa);

  /** The XSAVE components that the guest can have, by its CPUID. */
  abstract long guestXcr0();

  /**
   * Where images of user space have PKRU, {@link XsaveImage#PKRU_AT} if it says nothing else; 0
   * when they have it nowhere.
   */
  int pkruPlace() {
    return XsaveImage.PKRU_AT;
  }

  /** Whether user space may load {@code value} into XCR0. */
  abstract boolean validXcr0(long value);

  /** The XSAVE components that guests of this host can have. */
  private static long hostXcr0() {
    return SupportedCpuid.xcr0(CpuidModel.nativeModel());
  }

  /** KVM_SET_SREGS. */
  abstract int setSregs(KvmSregs in);

  /** A debug register as the guest has it. */
  abstract long debugRegister(int number);

  /** Sets a debug register of the guest. */
  abstract void debugRegister(int number, long value);

  abstract int getLapic(KvmLapicState out);

  abstract int setLapic(KvmLapicState in);

  int getRegs(KvmRegs out) {
    out.rax(state.gpr(RAX)).rbx(state.gpr(RBX)).rcx(state.gpr(RCX)).rdx(state.gpr(RDX));
    out.rsi(state.gpr(RSI)).rdi(state.gpr(RDI)).rsp(state.gpr(RSP)).rbp(state.gpr(RBP));
    out.r8(state.gpr(8)).r9(state.gpr(9)).r10(state.gpr(10)).r11(state.gpr(11));
    out.r12(state.gpr(12)).r13(state.gpr(13)).r14(state.gpr(14)).r15(state.gpr(15));
    out.rip(state.rip()).rflags(state.rflags());
    return 0;
  }

  int setRegs(KvmRegs in) {
    long[] values = {
      in.rax(), in.rcx(), in.rdx(), in.rbx(), in.rsp(), in.rbp(), in.rsi(), in.rdi(), in.r8(),
      in.r9(), in.r10(), in.r11(), in.r12(), in.r13(), in.r14(), in.r15()
    };
    for (int i = 0; i < values.length; i++) {
      state.setGpr(i, values[i]);
    }
    state.setRip(in.rip());
    state.setRflags(in.rflags());
    return 0;
  }

  int getSregs(KvmSregs out) {
    for (int i = 0; i < SEGMENTS.length; i++) {
      SegmentRegister s = state.segment(SEGMENTS[i]);
      int ar = s.accessRights();
      out.base(i, s.base()).limit(i, s.limit()).selector(i, s.selector());
      out.type(i, ar & 15).s(i, ar >>> 4 & 1).dpl(i, ar >>> 5 & 3).present(i, ar >>> 7 & 1);
      out.avl(i, ar >>> 12 & 1).l(i, ar >>> 13 & 1).db(i, ar >>> 14 & 1).g(i, ar >>> 15 & 1);
      out.unusable(i, ar >>> 16 & 1);
    }
    out.gdtBase(state.gdtBase()).gdtLimit(state.gdtLimit());
    out.idtBase(state.idtBase()).idtLimit(state.idtLimit());
    out.cr0(state.cr(0)).cr2(state.cr(2)).cr3(state.cr(3)).cr4(state.cr(4)).cr8(state.cr(8));
    out.efer(state.msr(EFER)).apicBase(apicBase());
    return 0;
  }

  /** Where the processor is in its code. */
  final long rip() {
    return state.rip();
  }

  /** Whether the registers are those of 64-bit mode or compatibility mode. */
  static boolean longMode(KvmSregs in) {
    return (in.cr0() & CR0_PG) != 0 && (in.efer() & EFER_LME) != 0;
  }

  /** Whether paging, mode and CR0 go together. */
  static boolean consistent(KvmSregs in) {
    boolean paging = (in.cr0() & CR0_PG) != 0;
    boolean active = (in.efer() & EFER_LMA) != 0;
    boolean mode = longMode(in) ? active && (in.cr4() & CR4_PAE) != 0 : !active && in.l(0) == 0;
    boolean cr0 =
        in.cr0() >>> 32 == 0
            && ((in.cr0() & CR0_NW) == 0 || (in.cr0() & CR0_CD) != 0)
            && (!paging || (in.cr0() & 1) != 0);
    return mode && cr0;
  }

  /** Takes the registers over; they were checked. */
  final void applySregs(KvmSregs in) {
    state.setMsr(EFER, in.efer());
    state.setCr(0, in.cr0());
    state.setCr(2, in.cr2());
    state.setCr(4, in.cr4());
    state.setCr(3, in.cr3());
    state.setCr(8, in.cr8());
    for (int i = 0; i < SEGMENTS.length; i++) {
      int ar =
          in.type(i)
              | in.s(i) << 4
              | in.dpl(i) << 5
              | in.present(i) << 7
              | in.avl(i) << 12
              | in.l(i) << 13
              | in.db(i) << 14
              | in.g(i) << 15
              | (in.unusable(i) | 1 - in.present(i)) << 16;
      state.setSegment(
          SEGMENTS[i], new SegmentRegister(in.selector(i), in.base(i), in.limit(i), ar));
    }
    state.setGdt(in.gdtBase(), in.gdtLimit());
    state.setIdt(in.idtBase(), in.idtLimit());
  }

  /** KVM_GET_SREGS2: as KVM_GET_SREGS, with the PDPTEs in PAE paging. */
  int getSregs2(KvmSregs2 out) {
    KvmSregs common = new KvmSregs();
    getSregs(common);
    MemorySegment.copy(common.segment(), 0, out.segment(), 0, COMMON_SREGS);
    if (paePaging(common)) {
      out.flags(KvmSregs2.PDPTRS_VALID);
      long table = common.cr3() & 0xffff_ffe0L;
      long[] pointers = new long[4];
      boolean loaded = state.readPdptes(pointers);
      for (int i = 0; i < pointers.length; i++) {
        out.pdptrs(i, loaded ? pointers[i] : load(table + 8L * i));
      }
    }
    return 0;
  }

  private static boolean paePaging(KvmSregs sregs) {
    boolean paging = (sregs.cr0() & CR0_PG) != 0;
    return paging && (sregs.cr4() & CR4_PAE) != 0 && (sregs.efer() & EFER_LMA) == 0;
  }

  /** KVM_SET_SREGS2: PDPTEs that are given are used, those in memory are not looked at. */
  int setSregs2(KvmSregs2 in) {
    KvmSregs common = new KvmSregs();
    MemorySegment.copy(in.segment(), 0, common.segment(), 0, COMMON_SREGS);
    boolean valid = (in.flags() & KvmSregs2.PDPTRS_VALID) != 0;
    if ((in.flags() & ~(long) KvmSregs2.PDPTRS_VALID) != 0 || valid && !paePaging(common)) {
      return -EINVAL;
    }
    int result = setSregs(common);
    if (result == 0 && valid) {
      long[] pointers = new long[4];
      for (int i = 0; i < pointers.length; i++) {
        pointers[i] = in.pdptrs(i);
      }
      state.writePdptes(pointers);
    }
    return result;
  }

  private KvmXsave xsave() {
    byte[] area = new byte[KvmXsave.SIZE];
    state.readXsave(area);
    return new KvmXsave(MemorySegment.ofArray(area));
  }

  private void loadXsave(KvmXsave image) {
    state.writeXsave(image.segment().toArray(ValueLayout.JAVA_BYTE));
  }

  /** KVM_GET_XSAVE and KVM_GET_XSAVE2. */
  final int getXsave(KvmXsave out) {
    KvmXsave image = xsave();
    XsaveImage.limit(image, guestXcr0() | XsaveImage.LEGACY, hostXcr0());
    XsaveImage.toUserSpace(image, pkruPlace());
    MemorySegment.copy(image.segment(), 0, out.segment(), 0, KvmXsave.SIZE);
    return 0;
  }

  final int setXsave(KvmXsave in) {
    if (!XsaveImage.valid(in, hostXcr0())) {
      return -EINVAL;
    }
    XsaveImage.fromUserSpace(in, pkruPlace());
    XsaveImage.complete(in, xsave());
    loadXsave(in);
    return 0;
  }

  /** KVM_GET_FPU: x87 and XMM registers, without MXCSR. */
  final int getFpu(KvmFpu out) {
    KvmXsave image = xsave();
    MemorySegment from = image.segment();
    MemorySegment to = out.segment();
    to.fill((byte) 0);
    MemorySegment.copy(from, 32, to, 0, 128);
    MemorySegment.copy(from, 0, to, 128, 4);
    out.ftwx(image.region(1) & 0xff).lastOpcode(image.region(1) >>> 16);
    MemorySegment.copy(from, 8, to, 136, 16);
    MemorySegment.copy(from, 160, to, 152, 256);
    return 0;
  }

  /** KVM_SET_FPU; MXCSR stays as it is. */
  final int setFpu(KvmFpu in) {
    KvmXsave image = xsave();
    MemorySegment to = image.segment();
    MemorySegment.copy(in.segment(), 0, to, 32, 128);
    MemorySegment.copy(in.segment(), 128, to, 0, 4);
    image.region(1, in.ftwx() & 0xff | in.lastOpcode() << 16);
    MemorySegment.copy(in.segment(), 136, to, 8, 16);
    MemorySegment.copy(in.segment(), 152, to, 160, 256);
    image.region(128, image.region(128) | (int) XsaveImage.LEGACY);
    loadXsave(image);
    return 0;
  }

  int getXcrs(KvmXcrs out) {
    out.nrXcrs(1).flags(0).xcr(0, 0).value(0, state.xcr0());
    return 0;
  }

  int setXcrs(KvmXcrs in) {
    if (in.flags() != 0 || in.nrXcrs() < 0 || in.nrXcrs() > 16) {
      return -EINVAL;
    }
    for (int i = 0; i < in.nrXcrs(); i++) {
      if (in.xcr(i) == 0) {
        if (!validXcr0(in.value(i))) {
          return -EINVAL;
        }
        state.setXcr0(in.value(i));
        break;
      }
    }
    return 0;
  }

  int getDebugRegs(KvmDebugRegs out) {
    for (int i = 0; i < 4; i++) {
      out.db(i, debugRegister(i));
    }
    out.dr6(debugRegister(6)).dr7(debugRegister(7)).flags(0);
    return 0;
  }

  int setDebugRegs(KvmDebugRegs in) {
    if (in.flags() != 0 || in.dr6() >>> 32 != 0 || in.dr7() >>> 32 != 0) {
      return -EINVAL;
    }
    for (int i = 0; i < 4; i++) {
      debugRegister(i, in.db(i));
    }
    debugRegister(6, in.dr6());
    debugRegister(7, in.dr7());
    return 0;
  }
}
