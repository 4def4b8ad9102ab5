package org.swtdx.attestation.eventlog;

import java.util.HexFormat;
import org.swtdx.attestation.bytes.StructWriter;

/** Writes a log in the binary form, as firmware for TDs does. */
public final class CcelWriter {
  private static final int HEADER_MR_INDEX = 1;
  private static final int SHA1_BYTES = 20;

  private CcelWriter() {}

  /**
   * Writes a log.
   *
   * @param log the log; one without a header gets the header of a TD's log
   * @return its bytes, with no unused area behind them
   */
  public static byte[] write(EventLog log) {
    SpecId header = log.specId().orElseGet(SpecId::ofTd);
    byte[] specId = specId(header);
    StructWriter out = new StructWriter();
    out.u32(HEADER_MR_INDEX).u32(EventType.NO_ACTION.code()).zeros(SHA1_BYTES);
    out.u32(specId.length).bytes(specId);
    for (LogEvent event : log.events()) {
      out.u32(event.mrIndex()).u32(event.type().code()).u32(event.digests().size());
      for (EventDigest digest : event.digests()) {
        out.u16(digest.algorithm().id()).bytes(HexFormat.of().parseHex(digest.hex()));
      }
      out.u32(event.size()).bytes(event.data());
    }
    return out.toByteArray();
  }

  private static byte[] specId(SpecId header) {
    StructWriter out = new StructWriter();
    out.ascii("Spec ID Event03").u8(0).u32(header.platformClass());
    out.u8(header.versionMinor()).u8(header.versionMajor());
    out.u8(header.errata()).u8(header.uintnSize()).u32(header.algorithms().size());
    for (HashAlgorithm algorithm : header.algorithms()) {
      out.u16(algorithm.id()).u16(algorithm.bytes());
    }
    return out.u8(0).toByteArray(); // no vendor information
  }
}
