package org.swtdx.fuzz.attestation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.swtdx.attestation.eventlog.CcelWriter;
import org.swtdx.attestation.eventlog.EventDecoder;
import org.swtdx.attestation.eventlog.EventLog;
import org.swtdx.attestation.eventlog.EventLogException;
import org.swtdx.attestation.eventlog.EventLogs;
import org.swtdx.attestation.eventlog.LogComparison;
import org.swtdx.attestation.eventlog.LogEvent;
import org.swtdx.attestation.eventlog.LogFinding;
import org.swtdx.attestation.eventlog.RegisterComparison;
import org.swtdx.attestation.eventlog.Replay;
import org.swtdx.fuzz.FuzzTarget;

/**
 * An event log is read or refused in one line; what is read can be decoded, judged, replayed and
 * compared, is the same after writing, and puts nothing on a terminal that it would obey.
 */
class EventLogFuzzTest extends FuzzTarget {
  private static final int[] TYPES = {
    0x3,
    0x4,
    0x6,
    0xa,
    0xd,
    0x80000001,
    0x80000002,
    0x80000003,
    0x80000006,
    0x80000007,
    0x8000000a,
    0x8000000b,
    0x800000e0
  };

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) throws EventLogException {
    EventLog log;
    try {
      log = EventLogs.read(input);
    } catch (EventLogException e) {
      mustBeOneLine(String.valueOf(e.getMessage()));
      return;
    }
    for (LogEvent event : log.events()) {
      mustBeOneLine(EventDecoder.decode(event).summary());
    }
    LogFinding.of(log).forEach(finding -> mustBeOneLine(finding.text()));
    Replay replay = Replay.of(log);
    if (!RegisterComparison.of(log, replay.values()).agrees()) {
      throw new AssertionError("a log doesn't explain its own registers");
    }
    if (log.format() == EventLog.Format.CCEL) {
      EventLog again = EventLogs.read(CcelWriter.write(log));
      if (!LogComparison.of(log, again).agrees() || again.events().size() != log.events().size()) {
        throw new AssertionError("a log is another one after writing");
      }
    }
  }

  private static void mustBeOneLine(String text) {
    if (text.chars().anyMatch(c -> c < 0x20 || c >= 0x7f && c < 0xa0)) {
      throw new AssertionError("control characters in: " + text);
    }
  }

  /** A sound header, then events of known types with random data, sometimes damaged. */
  @Override
  protected byte[] randomInput(SplittableRandom random) {
    ByteBuffer log = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    log.putInt(1).putInt(3).position(28).putInt(33);
    log.put("Spec ID Event03\0".getBytes(StandardCharsets.US_ASCII));
    log.putInt(0).put((byte) 0).put((byte) 2).put((byte) 0).put((byte) 2);
    log.putInt(1).putShort((short) 0xc).putShort((short) 48).put((byte) 0);
    for (int events = random.nextInt(6); events > 0; events--) {
      byte[] data = new byte[random.nextInt(120)];
      random.nextBytes(data);
      log.putInt(random.nextInt(6)).putInt(TYPES[random.nextInt(TYPES.length)]).putInt(1);
      log.putShort((short) 0xc).put(new byte[48]).putInt(data.length).put(data);
    }
    byte[] bytes = java.util.Arrays.copyOf(log.array(), log.position());
    if (random.nextInt(3) == 0) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }
}
