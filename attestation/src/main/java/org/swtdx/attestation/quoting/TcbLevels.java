package org.swtdx.attestation.quoting;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** TCB levels as TCB info and enclave identities share them. */
final class TcbLevels {
  private static final String CURRENT = "2025-01-01T00:00:00Z";

  private TcbLevels() {}

  /**
   * Puts the levels of something that has one security version.
   *
   * @param isvSvn the version that this platform has
   * @param lowering what is wrong with it, or null when it is up to date
   * @param issued when the newer version appeared, if there is one
   */
  static void putIsvSvn(
      ObjectNode parent, int isvSvn, @Nullable TcbLowering lowering, Instant issued) {
    ArrayNode levels = parent.putArray("tcbLevels");
    if (lowering == null) {
      level(levels, isvSvn, CURRENT, "UpToDate", List.of());
      return;
    }
    if (lowering.isSuperseded()) {
      level(levels, isvSvn + 1, day(issued), "UpToDate", List.of());
    }
    level(levels, isvSvn, CURRENT, lowering.status().label(), lowering.advisoryIds());
  }

  private static void level(
      ArrayNode levels, int isvSvn, String date, String status, List<String> advisoryIds) {
    ObjectNode level = levels.addObject();
    level.putObject("tcb").put("isvsvn", isvSvn);
    putStatus(level, date, status, advisoryIds);
  }

  static void putStatus(ObjectNode level, String date, String status, List<String> advisoryIds) {
    level.put("tcbDate", date).put("tcbStatus", status);
    if (!advisoryIds.isEmpty()) {
      ArrayNode ids = level.putArray("advisoryIDs");
      advisoryIds.forEach(ids::add);
    }
  }

  /** The beginning of a day, as TCB dates are. */
  static String day(Instant moment) {
    return moment.truncatedTo(ChronoUnit.DAYS).toString();
  }
}
