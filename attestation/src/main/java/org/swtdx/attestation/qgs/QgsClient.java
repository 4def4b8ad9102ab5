package org.swtdx.attestation.qgs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.CollateralRequest.PckCa;
import org.swtdx.attestation.collateral.Fmspc;
import org.swtdx.attestation.collateral.SignedDocument;
import org.swtdx.attestation.qgs.QgsMessage.Failure;
import org.swtdx.attestation.qgs.QgsMessage.GetCollateralRequest;
import org.swtdx.attestation.qgs.QgsMessage.GetCollateralResponse;
import org.swtdx.attestation.qgs.QgsMessage.GetPlatformInfoRequest;
import org.swtdx.attestation.qgs.QgsMessage.GetPlatformInfoResponse;
import org.swtdx.attestation.qgs.QgsMessage.GetQuoteRequest;
import org.swtdx.attestation.qgs.QgsMessage.GetQuoteResponse;

/** Asks a quote generation service and checks what it answers. Thread-safe if its transport is. */
public final class QgsClient {
  private final QgsTransport transport;

  /** Creates a client of whoever is at the transport's other end. */
  public QgsClient(QgsTransport transport) {
    this.transport = transport;
  }

  /**
   * Gets a quote of a report.
   *
   * @throws QgsException when the service refuses, or answers something else
   * @throws IOException when there is no service
   */
  public byte[] quote(byte[] report) throws QgsException, IOException {
    QgsMessage answer = ask(new GetQuoteRequest(Octets.of(report), Octets.NONE));
    if (answer instanceof GetQuoteResponse response) {
      return response.quote().bytes();
    }
    throw unasked(answer);
  }

  /** Gets the collateral of a kind of platform; as {@link #quote}. */
  public Collateral collateral(Fmspc fmspc, PckCa ca) throws QgsException, IOException {
    byte[] name = (ca.label() + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] number = java.util.HexFormat.of().parseHex(fmspc.hex());
    QgsMessage answer = ask(new GetCollateralRequest(Octets.of(number), Octets.of(name)));
    if (answer instanceof GetCollateralResponse response) {
      return read(response);
    }
    throw unasked(answer);
  }

  private static Collateral read(GetCollateralResponse response) throws QgsException {
    if (response.majorVersion() != 3 || response.minorVersion() != 1) {
      throw new QgsException(
          QgsError.INVALID_VERSION,
          "collateral of version %d.%d, not 3.1"
              .formatted(response.majorVersion(), response.minorVersion()));
    }
    List<Octets> parts = response.parts();
    try {
      return new Collateral(
          parts.get(1).bytes(),
          parts.get(2).bytes(),
          Optional.of(text(parts.get(0))),
          SignedDocument.ofTcbInfoResponse(utf8(parts.get(4))),
          text(parts.get(3)),
          SignedDocument.ofQeIdentityResponse(utf8(parts.get(6))),
          text(parts.get(5)),
          Optional.empty());
    } catch (CollateralException e) {
      throw new QgsException(
          QgsError.INVALID_PARAMETER, "the service's collateral: " + e.getMessage(), e);
    }
  }

  private static String text(Octets part) {
    String text = new String(part.bytes(), StandardCharsets.UTF_8);
    return text.endsWith("\0") ? text.substring(0, text.length() - 1) : text;
  }

  private static byte[] utf8(Octets part) {
    return text(part).getBytes(StandardCharsets.UTF_8);
  }

  /** Asks what the platform is; as {@link #quote}. */
  public GetPlatformInfoResponse platformInfo() throws QgsException, IOException {
    QgsMessage answer = ask(new GetPlatformInfoRequest());
    if (answer instanceof GetPlatformInfoResponse response) {
      return response;
    }
    throw unasked(answer);
  }

  private QgsMessage ask(QgsMessage.Request request) throws QgsException, IOException {
    QgsMessage answer = QgsCodec.decode(transport.exchange(QgsCodec.encode(request)));
    if (answer instanceof Failure failure) {
      QgsError error = QgsError.of(failure.code()).orElse(QgsError.UNEXPECTED);
      throw new QgsException(
          error,
          "the quote generation service refused with error 0x%x (%s)"
              .formatted(failure.code(), error));
    }
    return answer;
  }

  private static QgsException unasked(QgsMessage answer) {
    return new QgsException(
        QgsError.INVALID_TYPE, "the quote generation service answered a " + answer.type());
  }
}
