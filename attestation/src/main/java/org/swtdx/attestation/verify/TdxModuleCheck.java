package org.swtdx.attestation.verify;

import java.util.HexFormat;
import java.util.Optional;
import org.swtdx.attestation.collateral.SeamIdentity;
import org.swtdx.attestation.collateral.SvnLevel;
import org.swtdx.attestation.collateral.TcbInfo;
import org.swtdx.attestation.collateral.TcbStatus;
import org.swtdx.attestation.collateral.TdxModuleIdentity;
import org.swtdx.attestation.quote.TdQuoteBody;

/**
 * Whether TCB info knows the TDX module that a TD runs under, and the level it is at. The module's
 * major version, TEE_TCB_SVN[1], chooses among the identities; modules of version 0 have none.
 */
final class TdxModuleCheck {
  private TdxModuleCheck() {}

  static Optional<SvnLevel> check(TdQuoteBody td, TcbInfo info) throws RefusedException {
    byte[] svn = td.teeTcbSvn();
    if (svn[1] == 0) {
      requireIdentity(td, info.tdxModule().orElseThrow());
      return Optional.empty();
    }
    TdxModuleIdentity module = identity(info, svn[1]);
    requireIdentity(td, module.identity());
    SvnLevel level =
        TcbLevels.reached(module.levels(), Byte.toUnsignedInt(svn[0]))
            .orElseThrow(
                () ->
                    new RefusedException(
                        Reason.TCB_LEVEL,
                        "ISVSVN of the TDX module",
                        Byte.toUnsignedInt(svn[0]) + ", below every level",
                        "at least the lowest level of " + module.id()));
    requireModuleStatus(level, module);
    return Optional.of(level);
  }

  /** A module is up to date, out of date or revoked; other statuses are a platform's. */
  private static void requireModuleStatus(SvnLevel level, TdxModuleIdentity module)
      throws RefusedException {
    if (level.status() != TcbStatus.UP_TO_DATE
        && level.status() != TcbStatus.OUT_OF_DATE
        && level.status() != TcbStatus.REVOKED) {
      throw new RefusedException(
          Reason.COLLATERAL_MALFORMED,
          "tcbStatus of " + module.id(),
          level.status().label(),
          "UpToDate, OutOfDate or Revoked");
    }
  }

  /** Returns the identity for a module's major version. */
  static TdxModuleIdentity identity(TcbInfo info, byte version) throws RefusedException {
    String id = "TDX_%02X".formatted(version);
    return info.tdxModuleIdentities().stream()
        .filter(identity -> identity.id().equalsIgnoreCase(id))
        .findFirst()
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.TDX_MODULE,
                    "TDX module identities of the TCB info",
                    info.tdxModuleIdentities().stream().map(TdxModuleIdentity::id).toList() + "",
                    id));
  }

  private static void requireIdentity(TdQuoteBody td, SeamIdentity identity)
      throws RefusedException {
    String signer = HexFormat.of().formatHex(td.mrSignerSeam());
    if (!signer.equals(identity.mrSigner())) {
      throw new RefusedException(Reason.TDX_MODULE, "MRSIGNERSEAM", signer, identity.mrSigner());
    }
    long attributes = td.seamAttributes();
    if ((attributes & identity.attributesMask()) != identity.attributes()
        || (attributes & ~identity.attributesMask()) != 0) {
      throw new RefusedException(
          Reason.TDX_MODULE,
          "SEAMATTRIBUTES",
          "%016x".formatted(attributes),
          "%016x under the mask %016x, zero elsewhere"
              .formatted(identity.attributes(), identity.attributesMask()));
    }
  }
}
