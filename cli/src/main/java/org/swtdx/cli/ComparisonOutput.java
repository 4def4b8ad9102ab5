package org.swtdx.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import org.swtdx.attestation.eventlog.EventLogJson;
import org.swtdx.attestation.eventlog.LogComparison;
import org.swtdx.attestation.eventlog.LogComparison.Divergence;
import org.swtdx.attestation.eventlog.LogEvent;
import org.swtdx.attestation.eventlog.LogFinding;
import org.swtdx.attestation.eventlog.RegisterComparison;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Prints how logs and registers compare, as text or JSON. */
final class ComparisonOutput {
  private final PrintWriter out;
  private final boolean json;
  private final List<LogFinding> findings;

  ComparisonOutput(PrintWriter out, boolean json, List<LogFinding> findings) {
    this.out = out;
    this.json = json;
    this.findings = findings;
  }

  /** Prints a comparison with registers. */
  void print(RegisterComparison comparison) {
    if (json) {
      ObjectNode root = start(comparison.agrees());
      ArrayNode rows = root.putArray("registers");
      for (RegisterComparison.Row row : comparison.rows()) {
        rows.addObject()
            .put("register", row.register().name())
            .put("agrees", row.agrees())
            .put("replayed", row.replayed())
            .put("expected", row.expected())
            .put("hint", row.hint());
      }
      finish(root);
      return;
    }
    for (RegisterComparison.Row row : comparison.rows()) {
      if (row.agrees()) {
        out.println(row.register() + " agrees");
      } else {
        out.println(row.register() + " differs: " + row.hint());
        out.println("      log       " + row.replayed());
        out.println("      expected  " + row.expected());
      }
    }
    EventLogShowCommand.print(out, findings);
    out.flush();
  }

  /** Prints a comparison of logs. */
  void print(LogComparison comparison) {
    if (json) {
      ObjectNode root = start(comparison.agrees());
      ArrayNode rows = root.putArray("registers");
      comparison.rows().forEach(row -> put(rows.addObject(), row));
      finish(root);
      return;
    }
    for (LogComparison.Row row : comparison.rows()) {
      if (row.divergence().isEmpty()) {
        out.printf("%s agrees, %d events%n", row.register(), row.agreeing());
      } else {
        print(row, row.divergence().get());
      }
    }
    EventLogShowCommand.print(out, findings);
    out.flush();
  }

  private void print(LogComparison.Row row, Divergence divergence) {
    out.printf(
        "%s differs after %d events that agree: %s%s%n",
        row.register(),
        row.agreeing(),
        what(divergence.kind()),
        divergence.meaning().isEmpty() ? "" : "; " + divergence.meaning());
    print("log      ", divergence.event());
    print("reference", divergence.reference());
  }

  private static String what(LogComparison.Kind kind) {
    return switch (kind) {
      case DIGEST -> "an event has another digest";
      case ADDED -> "the log has an event more";
      case MISSING -> "the log lacks an event";
      case OTHER_EVENT -> "another event stands in its place";
    };
  }

  private void print(String side, Optional<LogEvent> event) {
    out.println("  " + side + " " + event.map(EventLogShowCommand::line).orElse("   (ends)"));
    event
        .flatMap(LogEvent::sha384)
        .ifPresent(digest -> out.println("  " + side + "      " + digest.hex()));
  }

  private static void put(ObjectNode node, LogComparison.Row row) {
    node.put("register", row.register().name());
    node.put("agrees", row.agrees());
    node.put("log", row.value());
    node.put("reference", row.referenceValue());
    node.put("agreeingEvents", row.agreeing());
    row.divergence()
        .ifPresent(
            d -> {
              ObjectNode first = node.putObject("divergence");
              first.put("kind", d.kind().name());
              first.put("meaning", d.meaning());
              d.event().ifPresent(e -> EventLogJson.put(first.putObject("event"), e));
              d.reference().ifPresent(e -> EventLogJson.put(first.putObject("reference"), e));
            });
  }

  private static ObjectNode start(boolean agrees) {
    ObjectNode root = JsonDocument.start("swtdx.eventlog.compare", 1);
    root.put("agrees", agrees);
    return root;
  }

  private void finish(ObjectNode root) {
    EventLogJson.putFindings(root, findings);
    out.print(JsonDocument.text(root));
    out.flush();
  }
}
