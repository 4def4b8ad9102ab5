package org.swtdx.attestation.offline;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.CollateralRequest;
import org.swtdx.attestation.collateral.SignedDocument;
import org.swtdx.attestation.crypto.EcdsaP256;
import org.swtdx.attestation.crypto.EcdsaProviders;
import org.swtdx.attestation.offline.Parts.Bundle;
import org.swtdx.attestation.offline.Parts.Qe;
import org.swtdx.attestation.offline.Parts.Tcb;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.PemCertificates;
import org.swtdx.attestation.x509.RevocationList;

/** Which parts fit a request: a whole bundle, or one part of each kind. */
sealed interface Selection {
  /** Puts the parts together. */
  Collateral assemble(Parts parts, Path origin) throws CollateralException;

  /** A bundle that fits. */
  record Whole(Bundle bundle) implements Selection {
    @Override
    public Collateral assemble(Parts parts, Path origin) {
      return bundle.collateral();
    }
  }

  /** Parts that fit. */
  record Pieces(Tcb tcb, Qe qe, RevocationList rootList, RevocationList pckList)
      implements Selection {
    @Override
    public Collateral assemble(Parts parts, Path origin) throws CollateralException {
      return new Collateral(
          rootList.encoded(),
          pckList.encoded(),
          parts.certificates().stream()
              .filter(Certificate::maySignLists)
              .filter(certificate -> certificate.subject().equals(pckList.issuer()))
              .findFirst()
              .map(List::of)
              .map(PemCertificates::text),
          tcb.document(),
          signerOf(tcb.document(), parts, "TCB info", origin),
          qe.document(),
          signerOf(qe.document(), parts, "QE identity", origin),
          Optional.empty());
    }
  }

  /** Chooses among the parts. */
  static Selection of(Parts parts, CollateralRequest request, Path origin)
      throws CollateralException {
    Instant moment = request.moment();
    Optional<Bundle> bundle =
        best(
            parts.bundles().stream()
                .filter(
                    candidate ->
                        candidate.info().tee() == request.tee()
                            && candidate.info().fmspc().equals(request.fmspc()))
                .toList(),
            candidate -> candidate.info().issueDate(),
            candidate -> candidate.info().nextUpdate(),
            moment);
    if (bundle.isPresent()) {
      return new Whole(bundle.get());
    }
    Tcb tcb =
        best(
                parts.tcbInfos().stream()
                    .filter(
                        candidate ->
                            candidate.info().tee() == request.tee()
                                && candidate.info().fmspc().equals(request.fmspc()))
                    .toList(),
                candidate -> candidate.info().issueDate(),
                candidate -> candidate.info().nextUpdate(),
                moment)
            .orElseThrow(
                () ->
                    missing(
                        "TCB info for %s with the FMSPC %s"
                            .formatted(request.tee(), request.fmspc()),
                        origin));
    Qe qe =
        best(
                parts.qeIdentities().stream()
                    .filter(
                        candidate -> candidate.identity().id().equals(request.tee().qeIdentityId()))
                    .toList(),
                candidate -> candidate.identity().issueDate(),
                candidate -> candidate.identity().nextUpdate(),
                moment)
            .orElseThrow(() -> missing("QE identity " + request.tee().qeIdentityId(), origin));
    return new Pieces(
        tcb, qe, list(parts, "root", moment, origin), list(parts, name(request), moment, origin));
  }

  private static String name(CollateralRequest request) {
    return request.pckCa().label();
  }

  /** A list by a word that its issuer's name has. */
  private static RevocationList list(Parts parts, String word, Instant moment, Path origin)
      throws CollateralException {
    return best(
            parts.lists().stream()
                .filter(list -> list.issuer().commonName().toLowerCase(Locale.ROOT).contains(word))
                .toList(),
            RevocationList::thisUpdate,
            RevocationList::nextUpdate,
            moment)
        .orElseThrow(() -> missing("revocation list of the " + word + " CA", origin));
  }

  private static CollateralException missing(String what, Path origin) {
    return new CollateralException("there is no " + what + " in " + origin);
  }

  /** The newest candidate that is valid at the moment, else the newest. */
  private static <T> Optional<T> best(
      Collection<T> candidates,
      Function<T, Instant> from,
      Function<T, Instant> to,
      Instant moment) {
    Comparator<T> byValidity =
        Comparator.comparing(
            candidate ->
                !moment.isBefore(from.apply(candidate)) && !moment.isAfter(to.apply(candidate)));
    return candidates.stream().max(byValidity.thenComparing(from));
  }

  /** The certificate whose key signed a document, in PEM. */
  private static String signerOf(SignedDocument document, Parts parts, String what, Path origin)
      throws CollateralException {
    EcdsaP256 ecdsa = EcdsaProviders.javaOnly();
    Stream<Certificate> signers =
        parts.certificates().stream()
            .filter(certificate -> certificate.maySignData() && !certificate.isPck());
    return signers
        .filter(
            certificate ->
                ecdsa.verify(certificate.publicKey(), document.body(), document.signature()))
        .findFirst()
        .map(List::of)
        .map(PemCertificates::text)
        .orElseThrow(() -> missing("certificate that signed the " + what, origin));
  }
}
