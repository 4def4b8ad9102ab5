package org.swtdx.tdxmodule.leaf;

import java.util.List;
import org.swtdx.memory.Cmr;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.measure.LittleEndian;
import org.swtdx.tdxmodule.metadata.PlatformFields;
import org.swtdx.tdxmodule.platform.ModuleVersion;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.virt.TdCpuid;
import org.swtdx.tdxmodule.vp.Tdvps;

/** TDH.SYS.INFO, leaf 32: the older form of TDH.SYS.RD: TDSYSINFO_STRUCT and the CMRs. */
final class TdhSysInfo implements HostLeaf {
  private static final int SIZE = 1024;
  private static final int CMR_ENTRIES = 32;
  private static final int CMR_ENTRY_SIZE = 16;
  private static final int CMR_ALIGNMENT = 512;
  private static final int CPUID_CONFIG = 132;
  private static final int CPUID_CONFIG_SIZE = 24;
  private static final int PAGE = 4096;

  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    TdxPlatform platform = call.platform();
    long size = regs.rdx;
    long entries = regs.r9;
    regs.rdx = 0;
    regs.r9 = 0;
    Refusal.unless(platform.lpInitialized(call.lp()), Status.SYS_LP_INIT_NOT_DONE);
    call.checkSharedHpa(regs.rcx, SIZE, Operand.RCX);
    Refusal.operandInvalidIf(Long.compareUnsigned(size, SIZE) < 0, Operand.RDX);
    call.checkSharedHpa(regs.r8, CMR_ALIGNMENT, Operand.R8);
    Refusal.operandInvalidIf(Long.compareUnsigned(entries, CMR_ENTRIES) < 0, Operand.R9);

    platform.bus().write(regs.rcx, info(platform), 0, SIZE);
    platform.bus().write(regs.r8, cmrs(platform), 0, CMR_ENTRIES * CMR_ENTRY_SIZE);
    regs.rdx = SIZE;
    regs.r9 = CMR_ENTRIES;
    return Status.SUCCESS;
  }

  private static byte[] info(TdxPlatform platform) throws Refusal {
    byte[] b = new byte[SIZE];
    LittleEndian.put32(b, 4, ModuleVersion.VENDOR);
    LittleEndian.put32(b, 8, ModuleVersion.BUILD_DATE);
    LittleEndian.put16(b, 12, ModuleVersion.BUILD_NUMBER);
    LittleEndian.put16(b, 14, ModuleVersion.MINOR);
    LittleEndian.put16(b, 16, ModuleVersion.MAJOR);
    b[18] = 1; // TDH.SYS.RD is available
    LittleEndian.put16(b, 32, PlatformFields.MAX_TDMRS);
    LittleEndian.put16(b, 34, PlatformFields.MAX_RESERVED);
    LittleEndian.put16(b, 36, PlatformFields.PAMT_ENTRY_SIZE);
    LittleEndian.put16(b, 48, PAGE * Tdcs.BASE_PAGES);
    LittleEndian.put16(b, 52, PAGE * Tdvps.BASE_PAGES);
    LittleEndian.put64(b, 64, PlatformFields.value(platform, "ATTRIBUTES_FIXED0"));
    LittleEndian.put64(b, 72, PlatformFields.value(platform, "ATTRIBUTES_FIXED1"));
    LittleEndian.put64(b, 80, PlatformFields.value(platform, "XFAM_FIXED0"));
    LittleEndian.put64(b, 88, PlatformFields.value(platform, "XFAM_FIXED1"));
    LittleEndian.put32(b, 128, TdCpuid.configCount());
    for (int i = 0; i < TdCpuid.configCount(); i++) {
      int at = CPUID_CONFIG + CPUID_CONFIG_SIZE * i;
      LittleEndian.put64(b, at, PlatformFields.cpuidLeaf(i));
      LittleEndian.put64(b, at + 8, PlatformFields.cpuidMask(i, 0));
      LittleEndian.put64(b, at + 16, PlatformFields.cpuidMask(i, 1));
    }
    return b;
  }

  private static byte[] cmrs(TdxPlatform platform) {
    byte[] b = new byte[CMR_ENTRIES * CMR_ENTRY_SIZE];
    List<Cmr> cmrs = platform.machine().memory().cmrs();
    for (int i = 0; i < cmrs.size(); i++) {
      LittleEndian.put64(b, CMR_ENTRY_SIZE * i, cmrs.get(i).base().value());
      LittleEndian.put64(b, CMR_ENTRY_SIZE * i + 8, cmrs.get(i).size());
    }
    return b;
  }
}
