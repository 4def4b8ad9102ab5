package org.swtdx.cli;

import org.swtdx.attestation.verify.Verdict;
import org.swtdx.attestation.verify.Verdict.Accepted;
import org.swtdx.attestation.verify.Verdict.Refused;
import org.swtdx.attestation.verify.Verdict.Undecided;

/** How many verdicts there were of each kind. */
final class VerdictCount {
  private long accepted;
  private long refused;
  private long undecided;

  void add(Verdict verdict) {
    switch (verdict) {
      case Accepted _ -> accepted++;
      case Refused _ -> refused++;
      case Undecided _ -> undecided++;
    }
  }

  long total() {
    return accepted + refused + undecided;
  }

  int exitStatus() {
    if (refused > 0) {
      return ExitStatus.FAILED;
    }
    return undecided > 0 ? ExitStatus.USAGE : ExitStatus.OK;
  }

  @Override
  public String toString() {
    return "%,d verified, %,d refused%s"
        .formatted(
            accepted, refused, undecided == 0 ? "" : ", %,d not judged".formatted(undecided));
  }
}
