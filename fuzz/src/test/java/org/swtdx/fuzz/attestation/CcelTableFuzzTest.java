package org.swtdx.fuzz.attestation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.swtdx.attestation.eventlog.CcelTable;
import org.swtdx.attestation.eventlog.EventLogException;
import org.swtdx.fuzz.FuzzTarget;

/** Bytes that are no CCEL table are refused. */
class CcelTableFuzzTest extends FuzzTarget {
  @Override
  @FuzzTest
  protected void fuzz(byte[] input) {
    try {
      CcelTable table = CcelTable.parse(input);
      if (input.length != CcelTable.BYTES || table.oemId().length() > 24) {
        throw new AssertionError("not a table: " + table);
      }
    } catch (EventLogException _) {
      return;
    }
  }

  @Override
  protected byte[] randomInput(SplittableRandom random) {
    byte[] bytes = new byte[random.nextInt(8) == 0 ? random.nextInt(64) : CcelTable.BYTES];
    random.nextBytes(bytes);
    byte[] start = "CCEL8\0\0\0".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(start, 0, bytes, 0, Math.min(start.length, bytes.length));
    return bytes;
  }
}
