package org.swtdx.kvm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.cpu.VmControls;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmXsave;

/**
 * How the CPUID that user space gave an ordinary vCPU and the state of its processor depend on each
 * other: what CPUID does not report cannot be enabled, and what is enabled shows in CPUID.
 */
final class CpuidEffects {
  private static final int FEATURES = 1, STRUCTURED = 7, STATE = 0xd, EXTENDED = 0x8000_0001;
  private static final int EAX = 0, EBX = 1, ECX = 2, EDX = 3;
  private static final int CR4_OSXSAVE = 18, CR4_PKE = 22;
  private static final int OSXSAVE = 1 << 27, OSPKE = 1 << 4, APIC = 1 << 9, XSAVE = 1 << 26;
  private static final int PKU = 1 << 3;
  private static final int LEGACY_STATE = 576, AVX_END = 832, PKRU_STATE = 9;
  private static final long EFER_NX = 1 << 11, EFER_LONG = 1 << 8 | 1 << 10, EFER_SCE = 1;
  private static final long XCR0_X87 = 1, XCR0_SSE = 2, XCR0_AVX = 4;

  /** CR4 bits that go with a feature: bit of CR4, leaf, register, bit there. */
  private static final int[][] CR4_FEATURES = {
    {11, STRUCTURED, ECX, 2}, // UMIP
    {12, STRUCTURED, ECX, 16}, // LA57
    {13, FEATURES, ECX, 5}, // VMXE
    {14, FEATURES, ECX, 6}, // SMXE
    {16, STRUCTURED, EBX, 0}, // FSGSBASE
    {17, FEATURES, ECX, 17}, // PCIDE
    {CR4_OSXSAVE, FEATURES, ECX, 26},
    {20, STRUCTURED, EBX, 7}, // SMEP
    {21, STRUCTURED, EBX, 20}, // SMAP
    {CR4_PKE, STRUCTURED, ECX, 3},
    {23, STRUCTURED, ECX, 7}, // CET
    {24, STRUCTURED, ECX, 31}, // PKS
  };

  private final VmxVcpu vcpu;
  private final CpuState state;
  private final int[] scratch = new int[4];
  private GuestCpuid applied = GuestCpuid.EMPTY;
  private boolean enforcesParavirtual;

  CpuidEffects(VmxVcpu vcpu) {
    this.vcpu = vcpu;
    state = vcpu.processor().state();
  }

  /** Limits the processor to what CPUID reports, if user space changed that. */
  void apply(VmControls controls) {
    GuestCpuid cpuid = vcpu.cpuid();
    if (cpuid == applied) {
      return;
    }
    applied = cpuid;
    long cr4 = -1;
    for (int[] row : CR4_FEATURES) {
      if (!has(cpuid, row[1], row[2], row[3])) {
        cr4 &= ~(1L << row[0]);
      }
    }
    controls.cr4Allowed = cr4;
    controls.guestPhysicalAddressBits = cpuid.physicalBits();
    controls.eferAllowed =
        (has(cpuid, EXTENDED, EDX, 20) ? EFER_NX : 0)
            | (has(cpuid, EXTENDED, EDX, 29) ? EFER_LONG : 0)
            | (has(cpuid, EXTENDED, EDX, 11) ? EFER_SCE : 0);
  }

  /** Whether the guest has IA32_TSC_AUX: with RDTSCP or RDPID. */
  boolean hasTscAux() {
    return has(EXTENDED, EDX, 27) || has(STRUCTURED, ECX, 22);
  }

  private boolean has(int leaf, int register, int bit) {
    return has(vcpu.cpuid(), leaf, register, bit);
  }

  /** Whether the guest has IA32_SPEC_CTRL. */
  boolean hasSpeculationControl() {
    return has(STRUCTURED, EDX, 26);
  }

  /** Whether the guest has IA32_PRED_CMD. */
  boolean hasPredictionBarrier() {
    return has(STRUCTURED, EDX, 26);
  }

  /** Whether the guest has IA32_FLUSH_CMD. */
  boolean hasCacheFlush() {
    return has(STRUCTURED, EDX, 28);
  }

  /** Whether the guest has IA32_ARCH_CAPABILITIES. */
  boolean hasArchCapabilities() {
    return has(STRUCTURED, EDX, 29);
  }

  /** Whether the guest has IA32_TSC_ADJUST. */
  boolean hasTscAdjust() {
    return has(STRUCTURED, EBX, 1);
  }

  /**
   * Whether the guest may use a paravirtual feature, {@code KVM_FEATURE_*}: any, unless user space
   * wants CPUID to decide (KVM_CAP_ENFORCE_PV_FEATURE_CPUID).
   */
  boolean hasParavirtual(int feature) {
    return !enforcesParavirtual || (vcpu.cpuid().paravirtualFeatures() >>> feature & 1) != 0;
  }

  /** KVM_CAP_ENFORCE_PV_FEATURE_CPUID. */
  void enforceParavirtual(boolean enforce) {
    enforcesParavirtual = enforce;
  }

  /** Whether the guest takes its processor for AMD's or Hygon's. */
  boolean isAmdCompatible() {
    KvmCpuid2 list = vcpu.cpuid().entries();
    int at = list.find(0, 0);
    return at >= 0 && (isVendor(list, at, "AuthenticAMD") || isVendor(list, at, "HygonGenuine"));
  }

  private static boolean isVendor(KvmCpuid2 list, int at, String name) {
    ByteBuffer bytes = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(list.ebx(at)).putInt(list.edx(at)).putInt(list.ecx(at));
    return name.equals(new String(bytes.array(), StandardCharsets.ISO_8859_1));
  }

  private boolean has(GuestCpuid cpuid, int leaf, int register, int bit) {
    cpuid.query(leaf, 0, scratch);
    return (scratch[register] >>> bit & 1) != 0;
  }

  /** Bits of CR4 below UMIP: user space can set them whatever CPUID says. */
  private static final long CR4_ALWAYS = 0x7ff;

  /** Whether user space may load {@code value} into CR4. */
  boolean validCr4(long value) {
    GuestCpuid cpuid = vcpu.cpuid();
    long allowed = CR4_ALWAYS;
    for (int[] row : CR4_FEATURES) {
      if (has(cpuid, row[1], row[2], row[3])) {
        allowed |= 1L << row[0];
      }
    }
    return (value & ~allowed) == 0;
  }

  /** Whether user space may load {@code value} into IA32_EFER. */
  boolean validEfer(long value) {
    GuestCpuid cpuid = vcpu.cpuid();
    long allowed =
        EFER_SCE
            | (has(cpuid, EXTENDED, EDX, 20) ? EFER_NX : 0)
            | (has(cpuid, EXTENDED, EDX, 29) ? EFER_LONG : 0);
    return (value & ~allowed) == 0;
  }

  /** The list that user space set, with what the processor itself decides. */
  KvmCpuid2 current() {
    return current(vcpu.cpuid());
  }

  /** Whether a list differs from that in no more than what the processor decides. */
  boolean isSame(GuestCpuid wanted) {
    return GuestCpuid.areSame(current(wanted), current());
  }

  private KvmCpuid2 current(GuestCpuid cpuid) {
    KvmCpuid2 list = GuestCpuid.copyOf(cpuid.entries()).entries();
    int[] out = new int[4];
    for (int i = 0; i < list.nent(); i++) {
      int leaf = list.function(i);
      if (leaf == FEATURES || leaf == STRUCTURED || leaf == STATE) {
        query(cpuid, leaf, list.index(i), out);
        list.eax(i, out[0]).ebx(i, out[1]).ecx(i, out[2]).edx(i, out[3]);
      }
    }
    return list;
  }

  /** The XSAVE components that CPUID leaf 0xD has and the host supports. */
  long guestXcr0() {
    return xcr0(vcpu.cpuid()) & SupportedCpuid.xcr0(CpuidModel.nativeModel());
  }

  private static long xcr0(GuestCpuid cpuid) {
    KvmCpuid2 list = cpuid.entries();
    int at = list.find(STATE, 0);
    return at < 0 ? 0 : list.eax(at) & 0xffff_ffffL | (long) list.edx(at) << 32;
  }

  /**
   * Where user space has PKRU in an XSAVE image: by the CPUID that it gave, which is that of the
   * processor it runs on; 0 when that has none.
   */
  int pkruPlace() {
    KvmCpuid2 list = vcpu.cpuid().entries();
    if ((guestXcr0() >>> PKRU_STATE & 1) == 0) {
      return XsaveImage.PKRU_AT;
    }
    int at = list.find(STATE, PKRU_STATE);
    int place = at < 0 || list.eax(at) == 0 ? 0 : list.ebx(at);
    boolean possible = place == 0 || place >= AVX_END && place <= KvmXsave.SIZE - Long.BYTES;
    return possible ? place : XsaveImage.PKRU_AT;
  }

  /** The XSAVE components that CPUID lets a guest switch on: in XCR0, and in IA32_XSS. */
  private static long components(GuestCpuid cpuid) {
    KvmCpuid2 list = cpuid.entries();
    int at = list.find(STATE, 1);
    long xss = at < 0 ? 0 : list.ecx(at) & 0xffff_ffffL | (long) list.edx(at) << 32;
    return xcr0(cpuid) | xss;
  }

  /** Whether XSETBV, or user space, may load {@code value} into XCR0. */
  boolean validXcr0(long value) {
    long xcr0 = guestXcr0() | XCR0_X87;
    boolean avxWithoutSse = (value & XCR0_AVX) != 0 && (value & XCR0_SSE) == 0;
    return (value & XCR0_X87) != 0 && (value & ~xcr0) == 0 && !avxWithoutSse;
  }

  /**
   * Answers CPUID, with the bits that follow the state of the processor. Size and place of an XSAVE
   * component are this processor's: a VMM takes them from the processor that executes its own CPUID
   * instruction, which keeps PKRU elsewhere if it has it, and a guest that believes that saves too
   * little.
   */
  void query(int leaf, int subleaf, int[] out) {
    query(vcpu.cpuid(), leaf, subleaf, out);
  }

  private void query(GuestCpuid cpuid, int leaf, int subleaf, int[] out) {
    cpuid.query(leaf, subleaf, out);
    long cr4 = state.cr(4);
    if (leaf == FEATURES) {
      boolean on = (out[ECX] & XSAVE) != 0 && (cr4 >>> CR4_OSXSAVE & 1) != 0;
      out[ECX] = on ? out[ECX] | OSXSAVE : out[ECX] & ~OSXSAVE;
      out[EDX] = vcpu.apicEnabled() ? out[EDX] : out[EDX] & ~APIC;
    } else if (leaf == STRUCTURED && subleaf == 0) {
      boolean on = (out[ECX] & PKU) != 0 && (cr4 >>> CR4_PKE & 1) != 0;
      out[ECX] = on ? out[ECX] | OSPKE : out[ECX] & ~OSPKE;
    } else if (leaf == STATE && subleaf < 2 && cpuid.leaf1Ecx(26)) {
      out[EBX] = stateSize(subleaf == 1);
    } else if (leaf == STATE
        && subleaf >= 2
        && subleaf < Long.SIZE
        && (components(cpuid) >>> subleaf & 1) != 0) {
      CpuidModel.Result place = CpuidModel.nativeModel().cpuid(STATE, subleaf);
      out[EAX] = place.eax();
      out[EBX] = place.ebx();
      out[ECX] = place.ecx();
      out[EDX] = place.edx();
    }
  }

  /** Bytes of an XSAVE area of what is enabled, in standard or compacted form. */
  private int stateSize(boolean compacted) {
    long enabled = compacted ? state.xcr0() | state.msr(0xda0) : state.xcr0();
    int size = LEGACY_STATE;
    for (int i = 2; i < 63; i++) {
      if ((enabled >>> i & 1) != 0) {
        CpuidModel.Result place = CpuidModel.nativeModel().cpuid(STATE, i);
        boolean aligned = (place.ecx() & 2) != 0;
        int offset = !compacted ? place.ebx() : aligned ? size + 63 & -64 : size;
        size = Math.max(size, offset + place.eax());
      }
    }
    return size;
  }
}
