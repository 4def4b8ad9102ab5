package org.swtdx.cli;

import java.util.List;
import java.util.function.UnaryOperator;
import org.swtdx.attestation.quoting.PkiState;
import org.swtdx.attestation.quoting.TcbLowering;
import org.swtdx.attestation.quoting.TcbPart;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lowers the TCB. */
@Command(
    name = "lower",
    description = {
      "Let collateral say that the platform, its TDX module or its quoting enclave is not up to"
          + " date, as after a TCB recovery.",
      "Undo it with: swtdx pki reset"
    },
    mixinStandardHelpOptions = true)
final class PkiLowerCommand extends PkiChange {
  @Option(
      names = "--part",
      defaultValue = "platform",
      paramLabel = "platform|module|qe",
      description = "What is not up to date; default: platform.")
  @SuppressWarnings("NullAway.Init")
  private TcbPart part;

  @Option(
      names = "--status",
      defaultValue = "OutOfDate",
      paramLabel = "STATUS",
      description =
          "OutOfDate (default), OutOfDateConfigurationNeeded, ConfigurationNeeded,"
              + " SWHardeningNeeded, ConfigurationAndSWHardeningNeeded or Revoked.")
  @SuppressWarnings("NullAway.Init")
  private String status;

  @Option(
      names = "--advisory",
      paramLabel = "ID",
      split = ",",
      defaultValue = "SWTDX-TEST-00001",
      description = "Advisories that are given as the reason; default: SWTDX-TEST-00001.")
  @SuppressWarnings("NullAway.Init")
  private List<String> advisories;

  @Override
  UnaryOperator<PkiState> change() {
    TcbLowering lowering = TcbLowering.of(status, advisories);
    return state -> state.lower(part, lowering);
  }
}
