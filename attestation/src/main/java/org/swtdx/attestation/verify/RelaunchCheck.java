package org.swtdx.attestation.verify;

import java.util.List;
import java.util.Optional;
import org.swtdx.attestation.collateral.SvnLevel;
import org.swtdx.attestation.collateral.TcbInfo;
import org.swtdx.attestation.collateral.TcbLevel;
import org.swtdx.attestation.collateral.TcbStatus;

/**
 * TDs of TDX 1.5 may outlive an update of their module: TEE_TCB_SVN is what they were launched
 * with, TEE_TCB_SVN_2 what runs now. When only the former is out of date, relaunching mends it.
 */
final class RelaunchCheck {
  private RelaunchCheck() {}

  static TcbStatus refine(
      TcbStatus status,
      byte[] teeTcbSvn2,
      TcbStatus sgx,
      Optional<SvnLevel> module,
      SvnLevel qe,
      TcbInfo info)
      throws RefusedException {
    boolean onlyLaunchedOutOfDate =
        qe.status() == TcbStatus.UP_TO_DATE
            && !TcbStatuses.isOutOfDate(sgx)
            && sgx != TcbStatus.REVOKED
            && TcbStatuses.isOutOfDate(status)
            && module.map(SvnLevel::status).equals(Optional.of(TcbStatus.OUT_OF_DATE));
    if (!onlyLaunchedOutOfDate || !isLatest(teeTcbSvn2, info)) {
      return status;
    }
    return TcbStatuses.needsConfiguration(sgx) || TcbStatuses.needsConfiguration(status)
        ? TcbStatus.TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
        : TcbStatus.TD_RELAUNCH_ADVISED;
  }

  /** Whether module and loader that run now are at the highest level. */
  private static boolean isLatest(byte[] svn, TcbInfo info) throws RefusedException {
    TcbLevel latest = info.tcbLevels().getFirst();
    int module = Byte.toUnsignedInt(svn[0]);
    if (Byte.toUnsignedInt(svn[2]) < latest.tdxComponents().get(2).svn()) {
      return false;
    }
    if (svn[1] == 0) {
      return module >= latest.tdxComponents().get(0).svn();
    }
    List<SvnLevel> levels = TdxModuleCheck.identity(info, svn[1]).levels();
    return !levels.isEmpty() && module >= levels.getFirst().isvSvn();
  }
}
