package org.swtdx.attestation.qgs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralRequest.PckCa;
import org.swtdx.attestation.collateral.Fmspc;
import org.swtdx.attestation.qgs.QgsMessage.Failure;
import org.swtdx.attestation.qgs.QgsMessage.GetCollateralRequest;
import org.swtdx.attestation.qgs.QgsMessage.GetCollateralResponse;
import org.swtdx.attestation.qgs.QgsMessage.GetPlatformInfoRequest;
import org.swtdx.attestation.qgs.QgsMessage.GetQuoteRequest;
import org.swtdx.attestation.qgs.QgsMessage.GetQuoteResponse;

/** Answers messages with messages: any bytes have an answer. Thread-safe. */
public final class QgsResponder implements QgsTransport {
  private final QgsService service;
  private final Consumer<String> log;

  /**
   * Creates a responder.
   *
   * @param service does what is asked for
   * @param log hears of every request, one line each; called from several threads
   */
  public QgsResponder(QgsService service, Consumer<String> log) {
    this.service = service;
    this.log = log;
  }

  /** Returns the answer to a message. */
  @Override
  public byte[] exchange(byte[] message) {
    QgsType type = Optional.ofNullable(QgsCodec.typeOf(message)).orElse(QgsType.GET_QUOTE_REQUEST);
    try {
      QgsMessage request = QgsCodec.decode(message);
      byte[] answer = QgsCodec.encode(answer(request));
      log.accept(request.type() + " answered with " + answer.length + " bytes");
      return answer;
    } catch (QgsException e) {
      log.accept(type + " refused with " + e.error() + ": " + e.getMessage());
      return QgsCodec.encode(Failure.of(type, e.error()));
    } catch (RuntimeException e) {
      log.accept(type + " failed: " + e);
      return QgsCodec.encode(Failure.of(type, QgsError.UNEXPECTED));
    }
  }

  /**
   * Answers a bare TDREPORT, which qgsd takes as well.
   *
   * @return the bare quote, or nothing when there is none
   */
  public Optional<byte[]> exchangeRaw(byte[] report) {
    try {
      byte[] quote = service.quote(report);
      log.accept("bare report answered with " + quote.length + " bytes");
      return Optional.of(quote);
    } catch (QgsException e) {
      log.accept("bare report refused with " + e.error() + ": " + e.getMessage());
    } catch (RuntimeException e) {
      log.accept("bare report failed: " + e);
    }
    return Optional.empty();
  }

  private QgsMessage.Response answer(QgsMessage message) throws QgsException {
    return switch (message) {
      case GetQuoteRequest request ->
          new GetQuoteResponse(Octets.NONE, Octets.of(service.quote(request.report().bytes())));
      case GetCollateralRequest request ->
          collateral(service.collateral(fmspc(request), pckCa(request)));
      case GetPlatformInfoRequest _ -> service.platformInfo();
      case QgsMessage.Response response ->
          throw new QgsException(QgsError.INVALID_TYPE, "a " + response.type() + " is no request");
    };
  }

  private static Fmspc fmspc(GetCollateralRequest request) throws QgsException {
    if (request.fmspc().size() != Fmspc.SIZE) {
      throw new QgsException(
          QgsError.INVALID_PARAMETER, "an FMSPC has 6 bytes, not " + request.fmspc().size());
    }
    return Fmspc.of(request.fmspc().bytes());
  }

  /** The name of the CA, with or without the zero that ends a string of C. */
  private static PckCa pckCa(GetCollateralRequest request) throws QgsException {
    String name = new String(request.pckCa().bytes(), StandardCharsets.ISO_8859_1);
    String label = name.endsWith("\0") ? name.substring(0, name.length() - 1) : name;
    return Arrays.stream(PckCa.values())
        .filter(ca -> ca.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new QgsException(
                    QgsError.INVALID_PARAMETER, "the PCK CA is neither platform nor processor"));
  }

  /** Texts end with a zero, as in Intel's quote provider library; revocation lists are DER. */
  private static GetCollateralResponse collateral(Collateral collateral) {
    return new GetCollateralResponse(
        3,
        1,
        List.of(
            text(collateral.pckCrlIssuerChain().orElse("")),
            Octets.of(collateral.rootCaCrl()),
            Octets.of(collateral.pckCrl()),
            text(collateral.tcbInfoIssuerChain()),
            text(utf8(collateral.tcbInfo().toResponse("tcbInfo"))),
            text(collateral.qeIdentityIssuerChain()),
            text(utf8(collateral.qeIdentity().toResponse("enclaveIdentity")))));
  }

  private static Octets text(String text) {
    return Octets.of((text + "\0").getBytes(StandardCharsets.UTF_8));
  }

  private static String utf8(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
