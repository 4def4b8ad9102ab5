package org.swtdx.tdxmodule.guest;

import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.cpu.seam.ReportKey;
import org.swtdx.tdxmodule.measure.TdReport;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/** TDG.MR.VERIFYREPORT (22): whether a REPORTMACSTRUCT was made on this platform. */
final class TdgMrVerifyreport implements GuestLeaf {
  private final ReportKey key;

  TdgMrVerifyreport(TdxPlatform platform) {
    key = ReportKey.of(platform.machine());
  }

  @Override
  public long execute(TdCall call) throws Refusal {
    long gpa = call.get(Operand.RCX);
    call.checkPrivateGpa(gpa, ReportKey.STRUCT_SIZE, Operand.RCX);
    long keyed = call.locate(gpa, GuestPhysicalMap.READ);
    if (keyed == TdCall.NOT_ACCESSIBLE) {
      return call.interruption();
    }
    byte[] struct = new byte[ReportKey.STRUCT_SIZE];
    call.vcpu().bus().read(keyed, struct, 0, struct.length);
    Refusal.unless(TdReport.knownCpuSvn(key, struct), Status.INVALID_CPUSVN);
    Refusal.unless(key.verify(struct), Status.INVALID_REPORTMACSTRUCT);
    return Status.SUCCESS;
  }
}
