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
 * comes first, unless no RTMR changed since the last report; the guest executes the leaf again
 * after it.
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
    TdCall.checkAligned(reportGpa, TdReport.SIZE, Operand.RCX);
    TdCall.checkAligned(dataGpa, TdReport.REPORT_DATA_SIZE, Operand.RDX);
    call.checkGpa(dataGpa, Operand.RDX);
    long source = call.locate(dataGpa, GuestPhysicalMap.READ);
    if (source == TdCall.NOT_ACCESSIBLE) {
      return call.interruption();
    }
    Refusal.operandInvalidIf(call.get(Operand.R8) != 0, Operand.R8); // the only report subtype
    PhysicalBus bus = call.vcpu().bus();
    byte[] data = new byte[TdReport.REPORT_DATA_SIZE];
    bus.read(source, data, 0, data.length);
    boolean known = call.tdcs().infoHashed;
    byte[] info = describe(call);
    if (!known && call.interruptPending()) {
      return TdCall.INTERRUPTED;
    }
    call.checkGpa(reportGpa, Operand.RCX);
    long target = call.locate(reportGpa, GuestPhysicalMap.WRITE);
    if (target == TdCall.NOT_ACCESSIBLE) {
      return call.interruption();
    }
    byte[] report = TdReport.build(key, info, data, false);
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
      tdcs.infoHashed = true;
      return info.runtimeMeasurements(tdcs.runtimeMeasurements()).encode();
    } finally {
      lock.release(false);
    }
  }
}
