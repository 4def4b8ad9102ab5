package org.swtdx.tdxmodule.guest;

import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.cpu.seam.ReportKey;
import org.swtdx.memory.seam.PhysicalBus;
import org.swtdx.tdxmodule.measure.Sha384;
import org.swtdx.tdxmodule.measure.TdInfo;
import org.swtdx.tdxmodule.measure.TdReport;
import org.swtdx.tdxmodule.platform.SharexLock;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.virt.TdParameters;

/**
 * TDG.MR.REPORT (4): writes a TDREPORT that binds 64 bytes of the guest's own. A pending interrupt
 * comes first; the guest executes the leaf again after it.
 */
final class TdgMrReport implements GuestLeaf {
  private final ReportKey key;

  TdgMrReport(TdxPlatform platform) {
    key = ReportKey.of(platform.machine());
  }

  @Override
  public long execute(TdCall call) throws Refusal {
    long reportGpa = call.get(Operand.RCX);
    long dataGpa = call.get(Operand.RDX);
    call.checkGpa(reportGpa, TdReport.SIZE, Operand.RCX);
    call.checkGpa(dataGpa, TdReport.REPORT_DATA_SIZE, Operand.RDX);
    Refusal.operandInvalidIf(call.get(Operand.R8) != 0, Operand.R8); // the only report subtype
    long source = call.locate(dataGpa, GuestPhysicalMap.READ);
    if (source == TdCall.NOT_ACCESSIBLE) {
      return call.interruption();
    }
    long target = call.locate(reportGpa, GuestPhysicalMap.WRITE);
    if (target == TdCall.NOT_ACCESSIBLE) {
      return call.interruption();
    }
    if (call.interruptPending()) {
      return TdCall.RESUME_UNCHANGED;
    }
    PhysicalBus bus = call.vcpu().bus();
    byte[] data = new byte[TdReport.REPORT_DATA_SIZE];
    bus.read(source, data, 0, data.length);
    byte[] report = TdReport.build(key, describe(call), data, false);
    bus.write(target, report, 0, report.length);
    return Status.SUCCESS;
  }

  private static byte[] describe(TdCall call) throws Refusal {
    Tdcs tdcs = call.tdcs();
    TdParameters td = tdcs.parameters();
    TdInfo info =
        new TdInfo()
            .features(td.attributes(), td.xfam())
            .mrtd(tdcs.mrtd())
            .owner(td.mrConfigId(), td.mrOwner(), td.mrOwnerConfig())
            .serviceTdHash(new byte[Sha384.SIZE]);
    SharexLock lock = tdcs.rtmrLock();
    call.lock(lock, false, Operand.RTMR);
    try {
      return info.runtimeMeasurements(tdcs.runtimeMeasurements()).encode();
    } finally {
      lock.release(false);
    }
  }
}
