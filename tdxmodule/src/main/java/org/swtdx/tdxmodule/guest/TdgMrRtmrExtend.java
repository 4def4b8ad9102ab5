package org.swtdx.tdxmodule.guest;

import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.events.PlatformEvents;
import org.swtdx.tdxmodule.measure.MeasurementStatements;
import org.swtdx.tdxmodule.measure.RuntimeMeasurements;
import org.swtdx.tdxmodule.measure.Sha384;
import org.swtdx.tdxmodule.platform.SharexLock;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/** TDG.MR.RTMR.EXTEND (2): extends a run-time measurement register with 48 bytes of memory. */
final class TdgMrRtmrExtend implements GuestLeaf {
  private static final int ALIGNMENT = 64;

  private final PlatformEvents events;

  TdgMrRtmrExtend(TdxPlatform platform) {
    events = platform.machine().events();
  }

  @Override
  public long execute(TdCall call) throws Refusal {
    long gpa = call.get(Operand.RCX);
    long register = call.get(Operand.RDX);
    call.checkPrivateGpa(gpa, ALIGNMENT, Operand.RCX);
    long keyed = call.locate(gpa, GuestPhysicalMap.READ);
    if (keyed == TdCall.NOT_ACCESSIBLE) {
      return call.interruption();
    }
    byte[] data = new byte[Sha384.SIZE];
    call.vcpu().bus().read(keyed, data, 0, data.length);
    Refusal.operandInvalidIf(register < 0 || register >= RuntimeMeasurements.COUNT, Operand.RDX);
    SharexLock lock = call.tdcs().rtmrLock();
    call.lock(lock, true, Operand.RTMR);
    try {
      RuntimeMeasurements registers = call.tdcs().runtimeMeasurements();
      registers.extend((int) register, data);
      call.tdcs().infoHashed = false;
      events.extended((int) register, data);
      MeasurementStatements.stateRtmr(events, registers, (int) register);
    } finally {
      lock.release(true);
    }
    return Status.SUCCESS;
  }
}
