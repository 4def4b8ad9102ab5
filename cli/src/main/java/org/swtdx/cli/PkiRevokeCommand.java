package org.swtdx.cli;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.swtdx.attestation.quoting.PkiRole;
import org.swtdx.attestation.quoting.PkiState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Revokes a certificate. */
@Command(
    name = "revoke",
    description = {
      "Put a certificate on its issuer's revocation list: by default the PCK certificate.",
      "Undo it with: swtdx pki reset"
    },
    mixinStandardHelpOptions = true)
final class PkiRevokeCommand extends PkiChange {
  @Parameters(
      arity = "0..1",
      defaultValue = "pck",
      paramLabel = "pck|platform-ca|tcb-signing",
      description = "Which certificate; default: pck.")
  @SuppressWarnings("NullAway.Init")
  private String certificate;

  @Override
  UnaryOperator<PkiState> change() {
    List<PkiRole> roles =
        Arrays.stream(PkiRole.values()).filter(role -> role != PkiRole.ROOT_CA).toList();
    PkiRole role =
        roles.stream()
            .filter(one -> one.label().equals(certificate))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "'"
                            + certificate
                            + "' cannot be revoked; there are "
                            + String.join(", ", roles.stream().map(PkiRole::label).toList())));
    return state -> state.revoke(role);
  }
}
