package org.swtdx.attestation.qgs;

import java.util.List;

/** A message of the protocol, version 1.1; {@link QgsCodec} knows the bytes. */
public sealed interface QgsMessage {
  /** The message's type. */
  QgsType type();

  /** The three requests. */
  sealed interface Request extends QgsMessage {}

  /** What answers requests. */
  sealed interface Response extends QgsMessage {}

  /**
   * Asks for a quote of a report.
   *
   * @param report the TDREPORT
   * @param idList attestation key IDs the guest accepts; may be empty
   */
  record GetQuoteRequest(Octets report, Octets idList) implements Request {
    @Override
    public QgsType type() {
      return QgsType.GET_QUOTE_REQUEST;
    }
  }

  /**
   * Brings a quote.
   *
   * @param selectedId the key ID that was chosen; empty when there was no choice
   * @param quote the quote, not empty
   */
  record GetQuoteResponse(Octets selectedId, Octets quote) implements Response {
    @Override
    public QgsType type() {
      return QgsType.GET_QUOTE_RESPONSE;
    }
  }

  /**
   * Asks for the collateral of a kind of platform.
   *
   * @param fmspc six bytes
   * @param pckCa {@code platform} or {@code processor} in ASCII, perhaps with a zero at its end
   */
  record GetCollateralRequest(Octets fmspc, Octets pckCa) implements Request {
    @Override
    public QgsType type() {
      return QgsType.GET_COLLATERAL_REQUEST;
    }
  }

  /**
   * Brings collateral as Intel's quote provider library lays it out (sgx_ql_qve_collateral_t).
   *
   * @param majorVersion of that layout
   * @param minorVersion 1 means revocation lists in DER
   * @param parts PCK CRL issuer chain, root CRL, PCK CRL, TCB info issuer chain, TCB info, QE
   *     identity issuer chain, QE identity: all seven, none empty
   */
  record GetCollateralResponse(int majorVersion, int minorVersion, List<Octets> parts)
      implements Response {
    /** Number of parts. */
    public static final int PARTS = 7;

    /** Copies the list. */
    public GetCollateralResponse {
      parts = List.copyOf(parts);
      if (parts.size() != PARTS) {
        throw new IllegalArgumentException("collateral has seven parts, not " + parts.size());
      }
    }

    @Override
    public QgsType type() {
      return QgsType.GET_COLLATERAL_RESPONSE;
    }
  }

  /** Asks what the platform is. */
  record GetPlatformInfoRequest() implements Request {
    @Override
    public QgsType type() {
      return QgsType.GET_PLATFORM_INFO_REQUEST;
    }
  }

  /**
   * Tells what the platform is.
   *
   * @param tdqeIsvSvn security version of the TD quoting enclave
   * @param pceIsvSvn security version of the provisioning certification enclave
   * @param platformId identifies the platform
   * @param cpuSvn security version of the processor
   */
  record GetPlatformInfoResponse(int tdqeIsvSvn, int pceIsvSvn, Octets platformId, Octets cpuSvn)
      implements Response {
    @Override
    public QgsType type() {
      return QgsType.GET_PLATFORM_INFO_RESPONSE;
    }
  }

  /**
   * Says that a request failed.
   *
   * @param type the type of the response that it stands for
   * @param code an error code, {@link QgsError} if known
   */
  record Failure(QgsType type, int code) implements Response {
    /** The failure of a known kind. */
    public static Failure of(QgsType type, QgsError error) {
      return new Failure(type.response(), error.code());
    }
  }
}
