package org.swtdx.tdxmodule.leaf;

import org.swtdx.events.PlatformEvents;
import org.swtdx.tdxmodule.measure.MeasurementStatements;
import org.swtdx.tdxmodule.measure.RuntimeMeasurements;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.OpState;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.td.Tdr;

/** TDH.MR.FINALIZE, leaf 17: ends construction and measurement; the TD may run. */
final class TdhMrFinalize implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    Tdr tdr = call.lockTdr(call.regs().rcx, Operand.RCX, SeamCall.EXCLUSIVE);
    Tdcs tdcs = call.checkOpStateUnlocked(tdr);
    Refusal.unless(tdcs.vcpus().get() > 0, Status.NO_VCPUS);

    tdcs.setMrtd(tdcs.measurement().finish());
    state(call.platform().machine().events(), tdcs);
    tdcs.setOpState(OpState.RUNNABLE);
    return Status.SUCCESS;
  }

  private static void state(PlatformEvents events, Tdcs tdcs) {
    MeasurementStatements.stateMrtd(events, tdcs.mrtd());
    for (int i = 0; i < RuntimeMeasurements.COUNT; i++) {
      MeasurementStatements.stateRtmr(events, tdcs.runtimeMeasurements(), i);
    }
  }
}
