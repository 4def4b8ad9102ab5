package org.swtdx.attestation.verify;

import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.swtdx.attestation.collateral.SvnLevel;
import org.swtdx.attestation.collateral.TcbInfo;
import org.swtdx.attestation.collateral.TcbLevel;
import org.swtdx.attestation.collateral.TcbStatus;
import org.swtdx.attestation.collateral.Tee;
import org.swtdx.attestation.quote.EnclaveReportBody;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.TdQuoteBody;
import org.swtdx.attestation.x509.SgxExtensions;

/** What the TCB of a genuine quote is worth, by TCB info and QE identity that are genuine too. */
final class TcbEvaluation {
  private TcbEvaluation() {}

  static TcbAppraisal evaluate(Quote quote, CertifiedKey key, CheckedCollateral collateral)
      throws RefusedException {
    requireMatch(quote, key.platform(), collateral);
    SvnLevel qe = QeIdentityCheck.check(key.qeReport(), collateral.qeIdentity());
    return switch (quote.body()) {
      case TdQuoteBody td -> td(td, key.platform(), collateral, qe);
      case EnclaveReportBody _ -> enclave(key.platform(), collateral, qe);
    };
  }

  private static void requireMatch(
      Quote quote, SgxExtensions platform, CheckedCollateral collateral) throws RefusedException {
    Tee tee = quote.td().isPresent() ? Tee.TDX : Tee.SGX;
    TcbInfo info = collateral.tcbInfo();
    require("id of the TCB info", info.tee().tcbInfoId(), tee.tcbInfoId());
    require("FMSPC of the TCB info", info.fmspc().hex(), platform.fmspc().hex());
    require("PCE-ID of the TCB info", info.pceId(), platform.pceId());
    require("id of the QE identity", collateral.qeIdentity().id(), tee.qeIdentityId());
  }

  private static void require(String field, String found, String required) throws RefusedException {
    if (!found.equals(required)) {
      throw new RefusedException(Reason.COLLATERAL_MISMATCH, field, found, required);
    }
  }

  private static TcbAppraisal enclave(
      SgxExtensions platform, CheckedCollateral collateral, SvnLevel qe) throws RefusedException {
    TcbLevel level =
        collateral.tcbInfo().tcbLevels().stream()
            .filter(candidate -> TcbLevels.reachesSgx(platform, candidate))
            .findFirst()
            .orElseThrow(() -> unsupported(platform, Optional.empty()));
    TcbStatus status = TcbStatuses.converge(level.status(), qe.status());
    return appraisal(status, level, Optional.empty(), qe, collateral);
  }

  private static TcbAppraisal td(
      TdQuoteBody td, SgxExtensions platform, CheckedCollateral collateral, SvnLevel qe)
      throws RefusedException {
    byte[] teeTcbSvn = td.teeTcbSvn();
    Optional<SvnLevel> module = TdxModuleCheck.check(td, collateral.tcbInfo());
    TcbLevel sgx = null;
    TcbLevel tdx = null;
    for (TcbLevel level : collateral.tcbInfo().tcbLevels()) {
      if (TcbLevels.reachesSgx(platform, level)) {
        sgx = sgx == null ? level : sgx;
        if (TcbLevels.reachesTdx(teeTcbSvn, level)) {
          tdx = level;
          break;
        }
      }
    }
    if (sgx == null || tdx == null) {
      throw unsupported(platform, Optional.of(teeTcbSvn));
    }
    TcbStatus status =
        module.isEmpty() ? tdx.status() : TcbStatuses.converge(tdx.status(), module.get().status());
    if (td.teeTcbSvn2().isPresent() && status != TcbStatus.REVOKED) {
      status =
          RelaunchCheck.refine(
              status, td.teeTcbSvn2().get(), sgx.status(), module, qe, collateral.tcbInfo());
    }
    return appraisal(TcbStatuses.converge(status, qe.status()), tdx, module, qe, collateral);
  }

  private static RefusedException unsupported(SgxExtensions platform, Optional<byte[]> teeTcbSvn) {
    return new RefusedException(
        Reason.TCB_LEVEL,
        "TCB level",
        "SGX components %s, PCESVN %d%s, below every level"
            .formatted(
                platform.componentSvns(),
                platform.pceSvn(),
                teeTcbSvn.map(svn -> ", TEE_TCB_SVN " + HexFormat.of().formatHex(svn)).orElse("")),
        "at least the lowest level of the TCB info");
  }

  private static TcbAppraisal appraisal(
      TcbStatus status,
      TcbLevel platform,
      Optional<SvnLevel> module,
      SvnLevel qe,
      CheckedCollateral collateral) {
    TreeSet<String> advisories = new TreeSet<>(platform.advisories());
    advisories.addAll(qe.advisories());
    module.ifPresent(level -> advisories.addAll(level.advisories()));
    Instant date =
        Stream.of(
                Stream.of(platform.tcbDate(), qe.tcbDate()), module.stream().map(SvnLevel::tcbDate))
            .flatMap(dates -> dates)
            .min(Comparator.naturalOrder())
            .orElseThrow();
    return new TcbAppraisal(
        status,
        platform.status(),
        module.map(SvnLevel::status),
        qe.status(),
        List.copyOf(advisories),
        date,
        Math.min(
            collateral.tcbInfo().tcbEvaluationDataNumber(),
            collateral.qeIdentity().tcbEvaluationDataNumber()),
        collateral.earliestExpiration());
  }
}
