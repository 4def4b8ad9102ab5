package org.swtdx.attestation.quoting;

import java.util.HexFormat;
import java.util.List;

/**
 * What the software platform is and which security versions it has, as its PCK certificate and its
 * TCB info name them. FMSPC spells SWTDX, so that nobody takes it for a product of Intel's.
 */
public final class PlatformTcb {
  /** Family, model, stepping, platform type, custom SKU (6 bytes): "SWTDX" and a zero. */
  public static final String FMSPC = "535754445800";

  /** Identifier of the provisioning certification enclave (2 bytes). */
  public static final String PCE_ID = "0000";

  /** Security version of the provisioning certification enclave. */
  public static final int PCE_SVN = 11;

  /** Number of TCB components, SGX's as well as TDX's. */
  static final int COMPONENTS = 16;

  /** Security versions of the SGX TCB components. */
  static final List<Integer> SGX = List.of(2, 2, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);

  /** TEE_TCB_SVN as the TDX module of this platform reports it. */
  static final List<Integer> TDX = List.of(1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  private PlatformTcb() {}

  /** Returns FMSPC's 6 bytes. */
  public static byte[] fmspc() {
    return HexFormat.of().parseHex(FMSPC);
  }

  /** Returns CPUSVN as the PCK certificate holds it: a byte for each SGX component. */
  public static byte[] cpuSvn() {
    byte[] bytes = new byte[COMPONENTS];
    for (int i = 0; i < COMPONENTS; i++) {
      bytes[i] = SGX.get(i).byteValue();
    }
    return bytes;
  }

  /** Returns TEE_TCB_SVN's 16 bytes. */
  static byte[] teeTcbSvn() {
    byte[] bytes = new byte[COMPONENTS];
    for (int i = 0; i < COMPONENTS; i++) {
      bytes[i] = TDX.get(i).byteValue();
    }
    return bytes;
  }
}
