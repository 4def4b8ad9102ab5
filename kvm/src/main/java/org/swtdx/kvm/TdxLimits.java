package org.swtdx.kvm;

import java.util.List;
import java.util.Set;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmExtensionAbi;
import org.swtdx.kvm.uapi.KvmTdxCapabilities;
import org.swtdx.seamcall.CpuidConfig;
import org.swtdx.seamcall.SysInfo;

/** What KVM lets a TD have: the module's limits, narrowed to what KVM supports. */
final class TdxLimits {
  /** ATTRIBUTES.SEPT_VE_DISABLE, the only attribute that Linux lets user space set. */
  private static final long SEPT_VE_DISABLE = 1L << 28;

  /** ATTRIBUTES.DEBUG, with an extension. */
  static final long DEBUG = 1;

  /** State components that KVM can give a guest: x87 to AVX-512, PKRU, CET, AMX. */
  private static final long KVM_XFAM = 0x6_1ae7;

  private static final int GUEST_PHYSICAL_BITS = 0xff << 16;
  private static final int LEAF7_EBX_TSX = 1 << 4 | 1 << 11;
  private static final int LEAF7_ECX_WAITPKG = 1 << 5;
  private static final long USER_TDVMCALL_SETUP_EVENT_NOTIFY = 1 << 1;

  private final SysInfo info;
  private final long hostXfam;
  private final long settable;
  private final long supportedCaps;

  TdxLimits(SysInfo info, CpuidModel cpuid, Set<KvmExtension> extensions) {
    this.info = info;
    settable = SEPT_VE_DISABLE | (extensions.contains(KvmExtension.DEBUG_TD) ? DEBUG : 0);
    supportedCaps =
        extensions.contains(KvmExtension.TERMINATE_VM) ? KvmExtensionAbi.CAP_TERMINATE_VM : 0;
    CpuidModel.Result xcr0 = cpuid.cpuid(0xd, 0);
    CpuidModel.Result xss = cpuid.cpuid(0xd, 1);
    hostXfam =
        (xcr0.eax() | (long) xcr0.edx() << 32 | xss.ecx() | (long) xss.edx() << 32) & KVM_XFAM;
  }

  /** ATTRIBUTES bits that user space may set; 0 when a required one is not supported. */
  long attributes() {
    if ((settable & info.attributesFixed1()) != info.attributesFixed1()) {
      return 0;
    }
    return settable & info.attributesFixed0();
  }

  /** XFAM bits that user space may set; 0 when a required one is not supported. */
  long xfam() {
    if ((hostXfam & info.xfamFixed1()) != info.xfamFixed1()) {
      return 0;
    }
    return hostXfam & info.xfamFixed0();
  }

  int cpuidCount() {
    return info.cpuidConfig().size();
  }

  List<CpuidConfig> cpuid() {
    return info.cpuidConfig();
  }

  /** Fills the result of KVM_TDX_CAPABILITIES. */
  void fill(KvmTdxCapabilities caps) {
    caps.segment().asSlice(0, KvmTdxCapabilities.SIZE).fill((byte) 0);
    caps.supportedAttrs(attributes()).supportedXfam(xfam());
    caps.supportedCaps(supportedCaps);
    caps.userTdvmcallinfo1R11(USER_TDVMCALL_SETUP_EVENT_NOTIFY);
    KvmCpuid2 out = caps.cpuid();
    out.nent(cpuidCount()).padding(0);
    int at = 0;
    for (CpuidConfig config : info.cpuidConfig()) {
      int eax = config.leaf() == 0x8000_0008 ? config.eax() | GUEST_PHYSICAL_BITS : config.eax();
      boolean seven = config.leaf() == 7 && config.subleaf() == 0;
      out.entry(
          at++,
          config.leaf(),
          Math.max(config.subleaf(), 0),
          0,
          eax,
          seven ? config.ebx() & ~LEAF7_EBX_TSX : config.ebx(),
          seven ? config.ecx() & ~LEAF7_ECX_WAITPKG : config.ecx(),
          config.edx());
    }
  }

  /** Whether an entry asks for a feature that KVM withholds although the module offers it. */
  static boolean asksForWithheld(KvmCpuid2 entries, int at) {
    return entries.function(at) == 7
        && entries.index(at) == 0
        && ((entries.ebx(at) & LEAF7_EBX_TSX) != 0 || (entries.ecx(at) & LEAF7_ECX_WAITPKG) != 0);
  }
}
