package org.swtdx.attestation.quoting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralBundle;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.CollateralRequest;
import org.swtdx.attestation.collateral.Fmspc;
import org.swtdx.attestation.collateral.QeIdentity;
import org.swtdx.attestation.collateral.SignedDocument;
import org.swtdx.attestation.collateral.TcbInfo;
import org.swtdx.attestation.collateral.TcbStatus;
import org.swtdx.attestation.collateral.Tee;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.PemCertificates;

final class CollateralIssuerTest {
  private static final Instant NOW = Instant.parse("2026-01-01T10:20:30.456Z");
  private static final TestPki PKI = TestPki.create(new SplittableRandom(1), NOW);

  private static Collateral issue(PkiState state) {
    return new CollateralIssuer(PKI, state).issue(NOW);
  }

  private static X509CRL crl(byte[] der) throws Exception {
    return (X509CRL)
        CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
  }

  @Test
  void certificatesHaveTheShapeThatVerifiersInsistOn() throws Exception {
    for (PkiRole role : PkiRole.values()) {
      X509Certificate certificate = PKI.certificate(role);
      assertThat(certificate.getSubjectX500Principal().getName())
          .contains("CN=" + role.commonName())
          .contains("TEST PKI");
      assertThat(certificate.getSerialNumber().bitLength()).isEqualTo(159);
      certificate.verify(
          PKI.chain(role).get(Math.min(1, PKI.chain(role).size() - 1)).getPublicKey());
      assertThat(certificate.getBasicConstraints() >= 0).isEqualTo(role.isAuthority());
    }
    X509Certificate pck = PKI.certificate(PkiRole.PCK);
    // go-tdx-guest counts them: two identifiers, distribution points, usage, constraints, SGX
    assertThat(pck.getCriticalExtensionOIDs().size() + pck.getNonCriticalExtensionOIDs().size())
        .isEqualTo(6);
  }

  @Test
  void revocationListsAreEmptyAndSignedAtFirst() throws Exception {
    Collateral collateral = issue(PkiState.INITIAL);
    X509CRL root = crl(collateral.rootCaCrl());
    X509CRL pck = crl(collateral.pckCrl());

    root.verify(PKI.root().getPublicKey());
    pck.verify(PKI.certificate(PkiRole.PLATFORM_CA).getPublicKey());
    assertThat(root.getIssuerX500Principal()).isEqualTo(PKI.root().getSubjectX500Principal());
    assertThat(root.getRevokedCertificates()).isNull();
    assertThat(pck.getRevokedCertificates()).isNull();
    assertThat(pck.getNextUpdate()).isEqualTo(Date.from(Instant.parse("2026-01-31T10:10:30Z")));
  }

  @ParameterizedTest
  @CsvSource({"PCK, false", "PLATFORM_CA, true", "TCB_SIGNING, true"})
  void revokedCertificateIsOnTheListOfItsIssuerOnly(PkiRole role, boolean onRootList)
      throws Exception {
    Collateral collateral = issue(PkiState.INITIAL.revoke(role));

    X509Certificate certificate = PKI.certificate(role);
    assertThat(crl(collateral.rootCaCrl()).isRevoked(certificate)).isEqualTo(onRootList);
    assertThat(crl(collateral.pckCrl()).isRevoked(certificate)).isEqualTo(!onRootList);
  }

  @Test
  void rootCannotRevokeItself() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> PkiState.INITIAL.revoke(PkiRole.ROOT_CA));
  }

  @Test
  void documentsAreWhatIntelsApiGives() throws Exception {
    Collateral collateral = issue(PkiState.INITIAL);
    TcbInfo tcb = TcbInfo.parse(collateral.tcbInfo().body());
    QeIdentity qe = QeIdentity.parse(collateral.qeIdentity().body());

    assertThat(tcb.fmspc().hex()).isEqualTo(PlatformTcb.FMSPC);
    assertThat(tcb.tcbLevels().getFirst().status()).isEqualTo(TcbStatus.UP_TO_DATE);
    assertThat(qe.tcbLevels().getFirst().status()).isEqualTo(TcbStatus.UP_TO_DATE);
    assertThat(SignedDocument.ofTcbInfoResponse(collateral.tcbInfo().toResponse("tcbInfo")))
        .isEqualTo(collateral.tcbInfo());
    assertThat(CollateralBundle.parse(CollateralBundle.toJson(collateral))).isEqualTo(collateral);
  }

  @ParameterizedTest
  @EnumSource(TcbPart.class)
  void loweredPartIsNoLongerTheHighestLevel(TcbPart part) throws Exception {
    Collateral collateral =
        issue(
            PkiState.INITIAL.lower(
                part, new TcbLowering(TcbStatus.OUT_OF_DATE, List.of("INTEL-SA-00000"))));
    TcbInfo tcb = TcbInfo.parse(collateral.tcbInfo().body());
    QeIdentity qe = QeIdentity.parse(collateral.qeIdentity().body());

    String text =
        new String(
            part == TcbPart.QE ? collateral.qeIdentity().body() : collateral.tcbInfo().body(),
            java.nio.charset.StandardCharsets.UTF_8);
    assertThat(text).contains("\"tcbStatus\":\"OutOfDate\",\"advisoryIDs\":[\"INTEL-SA-00000\"]");
    assertThat(tcb.tcbEvaluationDataNumber()).isEqualTo(2);
    assertThat(qe.tcbEvaluationDataNumber()).isEqualTo(2);
    assertThat(tcb.tcbLevels()).hasSize(part == TcbPart.PLATFORM ? 3 : 2);
    assertThat(qe.tcbLevels()).hasSize(part == TcbPart.QE ? 2 : 1);
  }

  @Test
  void statusThatNeedsNoUpdateHasNoLevelAbove() throws Exception {
    Collateral collateral =
        issue(
            PkiState.INITIAL.lower(
                TcbPart.PLATFORM, new TcbLowering(TcbStatus.SW_HARDENING_NEEDED, List.of())));

    assertThat(TcbInfo.parse(collateral.tcbInfo().body()).tcbLevels().getFirst().status())
        .isEqualTo(TcbStatus.SW_HARDENING_NEEDED);
  }

  @Test
  void datesCanBeInThePast() throws Exception {
    Instant then = Instant.parse("2020-02-02T00:00:00Z");
    Collateral collateral = issue(PkiState.INITIAL.dated(Optional.of(then), Duration.ofDays(1)));

    assertThat(TcbInfo.parse(collateral.tcbInfo().body()).nextUpdate())
        .isEqualTo(then.plus(Duration.ofDays(1)));
    assertThat(crl(collateral.rootCaCrl()).getThisUpdate()).isEqualTo(Date.from(then));
  }

  @ParameterizedTest
  @CsvSource({"SGX, 535754445800", "TDX, 00806f050000"})
  void collateralOfOthersIsNotInvented(Tee tee, String fmspc) {
    assertThatExceptionOfType(CollateralException.class)
        .isThrownBy(
            () ->
                new CollateralIssuer(PKI, PkiState.INITIAL)
                    .issue(
                        new CollateralRequest(
                            tee, new Fmspc(fmspc), CollateralRequest.PckCa.PLATFORM, NOW)))
        .withMessageContaining("this platform has collateral for TDX");
  }

  @Test
  void processorCaHasAnEmptyListOfItsOwn() throws Exception {
    Collateral collateral =
        new CollateralIssuer(PKI, PkiState.INITIAL.revoke(PkiRole.PCK))
            .issue(
                new CollateralRequest(
                    Tee.TDX, new Fmspc(PlatformTcb.FMSPC), CollateralRequest.PckCa.PROCESSOR, NOW));
    List<Certificate> chain =
        PemCertificates.parse(collateral.pckCrlIssuerChain().orElseThrow(), 2);

    assertThat(chain.getFirst().subject().commonName()).isEqualTo("Intel SGX PCK Processor CA");
    assertThat(chain.getLast().encoded()).isEqualTo(PKI.root().getEncoded());
    X509CRL list = crl(collateral.pckCrl());
    list.verify(PKI.processorCa().certificate().getPublicKey());
    PKI.processorCa().certificate().verify(PKI.root().getPublicKey());
    assertThat(list.getRevokedCertificates()).isNull();
  }
}
