package org.swtdx.attestation.collateral;

import java.util.List;

/**
 * A TDX module of one major version ({@code tdxModuleIdentities} of TCB info).
 *
 * @param id {@code TDX_} and two digits, the value of TEE_TCB_SVN[1] it stands for
 * @param identity who signed it
 * @param levels its levels, newest first
 */
public record TdxModuleIdentity(String id, SeamIdentity identity, List<SvnLevel> levels) {
  /** Copies the list. */
  public TdxModuleIdentity {
    levels = List.copyOf(levels);
  }
}
