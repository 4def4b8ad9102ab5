package org.swtdx.tdxmodule.measure;

import java.util.HexFormat;
import org.swtdx.events.PlatformEvents;

/** States a TD's measurements, which every quote shows, as facts of the run. */
public final class MeasurementStatements {
  private MeasurementStatements() {}

  /** States MRTD, when it is final. */
  public static void stateMrtd(PlatformEvents events, byte[] mrtd) {
    events.state("MRTD", HexFormat.of().formatHex(mrtd));
  }

  /** States RTMR {@code index}. */
  public static void stateRtmr(PlatformEvents events, RuntimeMeasurements registers, int index) {
    events.state("RTMR" + index, HexFormat.of().formatHex(registers.get(index)));
  }
}
