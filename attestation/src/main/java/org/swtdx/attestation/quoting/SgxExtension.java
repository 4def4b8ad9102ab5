package org.swtdx.attestation.quoting;

import org.bouncycastle.asn1.ASN1Boolean;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;

/**
 * The SGX extension of a PCK certificate: PPID, TCB, PCE-ID, FMSPC, SGX type, platform instance and
 * configuration (Intel SGX PCK Certificate and CRL Profile Specification, 1.3.5).
 */
final class SgxExtension {
  static final ASN1ObjectIdentifier OID = new ASN1ObjectIdentifier("1.2.840.113741.1.13.1");

  private static final int SCALABLE = 1; // SGX type of server platforms

  private SgxExtension() {}

  /**
   * Encodes the extension of this platform.
   *
   * @param ppid platform provisioning ID (16 bytes)
   * @param platformInstanceId identifies the platform among those of its type (16 bytes)
   */
  static DERSequence of(byte[] ppid, byte[] platformInstanceId) {
    ASN1EncodableVector tcb = new ASN1EncodableVector();
    for (int i = 0; i < PlatformTcb.COMPONENTS; i++) {
      tcb.add(entry("2." + (i + 1), new ASN1Integer(PlatformTcb.SGX.get(i))));
    }
    tcb.add(entry("2.17", new ASN1Integer(PlatformTcb.PCE_SVN)));
    tcb.add(entry("2.18", new DEROctetString(PlatformTcb.cpuSvn())));
    ASN1Encodable[] configuration = {
      entry("7.1", ASN1Boolean.TRUE), // dynamic platform
      entry("7.2", ASN1Boolean.FALSE), // cached keys
      entry("7.3", ASN1Boolean.TRUE) // SMT enabled
    };
    return new DERSequence(
        new ASN1Encodable[] {
          entry("1", new DEROctetString(ppid)),
          entry("2", new DERSequence(tcb)),
          entry("3", new DEROctetString(new byte[2])),
          entry("4", new DEROctetString(PlatformTcb.fmspc())),
          entry("5", new ASN1Enumerated(SCALABLE)),
          entry("6", new DEROctetString(platformInstanceId)),
          entry("7", new DERSequence(configuration))
        });
  }

  private static DERSequence entry(String branch, ASN1Encodable value) {
    return new DERSequence(new ASN1Encodable[] {OID.branch(branch), value});
  }
}
