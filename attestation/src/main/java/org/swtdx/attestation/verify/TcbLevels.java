package org.swtdx.attestation.verify;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.swtdx.attestation.collateral.SvnLevel;
import org.swtdx.attestation.collateral.TcbComponent;
import org.swtdx.attestation.collateral.TcbLevel;
import org.swtdx.attestation.x509.SgxExtensions;

/** Finds the level that a platform, a module or an enclave has reached. */
final class TcbLevels {
  private TcbLevels() {}

  /**
   * Returns the levels highest first: by SGX components, PCE, TDX components, as Intel's library
   * orders them whatever the document's order is.
   */
  static List<TcbLevel> highestFirst(List<TcbLevel> levels) {
    Comparator<TcbLevel> order =
        Comparator.comparing(TcbLevel::sgxComponents, TcbLevels::compare)
            .thenComparingInt(TcbLevel::pceSvn)
            .thenComparing(TcbLevel::tdxComponents, TcbLevels::compare);
    return levels.stream().sorted(order.reversed()).toList();
  }

  private static int compare(List<TcbComponent> components, List<TcbComponent> others) {
    for (int i = 0; i < Math.min(components.size(), others.size()); i++) {
      int svn = components.get(i).svn();
      if (svn != others.get(i).svn()) {
        return Integer.compare(svn, others.get(i).svn());
      }
    }
    return Integer.compare(components.size(), others.size());
  }

  /** Whether the PCK certificate's security versions reach a level's. */
  static boolean reachesSgx(SgxExtensions platform, TcbLevel level) {
    for (int i = 0; i < TcbLevel.COMPONENTS; i++) {
      if (platform.componentSvns().get(i) < level.sgxComponents().get(i).svn()) {
        return false;
      }
    }
    return platform.pceSvn() >= level.pceSvn();
  }

  /**
   * Whether TEE_TCB_SVN reaches a level's TDX components. Its first two bytes are a module's
   * version, and have an identity of their own when the second one is not zero.
   */
  static boolean reachesTdx(byte[] teeTcbSvn, TcbLevel level) {
    for (int i = teeTcbSvn[1] == 0 ? 0 : 2; i < TcbLevel.COMPONENTS; i++) {
      if (Byte.toUnsignedInt(teeTcbSvn[i]) < level.tdxComponents().get(i).svn()) {
        return false;
      }
    }
    return true;
  }

  /** Returns the first level that a security version reaches. */
  static Optional<SvnLevel> reached(List<SvnLevel> levels, int svn) {
    return levels.stream().filter(level -> svn >= level.isvSvn()).findFirst();
  }
}
