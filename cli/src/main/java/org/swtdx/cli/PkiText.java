package org.swtdx.cli;

import java.io.PrintWriter;
import org.swtdx.attestation.quoting.PkiRole;
import org.swtdx.attestation.quoting.PkiState;
import org.swtdx.attestation.quoting.TcbLowering;
import org.swtdx.attestation.quoting.TcbPart;

/** The state of the TEST PKI as lines for a person. */
final class PkiText {
  private PkiText() {}

  static void print(PrintWriter out, PkiState state) {
    out.println("serial         " + state.serial() + " (CRL number, TCB evaluation data number)");
    out.println("revoked        " + revoked(state));
    for (TcbPart part : TcbPart.values()) {
      TcbLowering lowering = state.lowered().get(part);
      out.println(
          "%-14s %s"
              .formatted(
                  part.label(),
                  lowering == null
                      ? "UpToDate"
                      : lowering.status() + " " + String.join(", ", lowering.advisoryIds())));
    }
    out.println(
        "collateral     issued "
            + state.issued().map(Object::toString).orElse("when asked for")
            + ", valid for "
            + duration(state));
    out.flush();
  }

  private static String revoked(PkiState state) {
    String names =
        String.join(", ", state.revoked().stream().sorted().map(PkiRole::label).toList());
    return names.isEmpty() ? "nothing" : names;
  }

  private static String duration(PkiState state) {
    long days = state.validity().toDays();
    return days > 0 && state.validity().equals(java.time.Duration.ofDays(days))
        ? days + " days"
        : state.validity().toString();
  }
}
