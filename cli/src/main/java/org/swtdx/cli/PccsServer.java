package org.swtdx.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.CollateralRequest;
import org.swtdx.attestation.collateral.CollateralRequest.PckCa;
import org.swtdx.attestation.collateral.Fmspc;
import org.swtdx.attestation.collateral.Tee;
import org.swtdx.attestation.quoting.CollateralIssuer;
import org.swtdx.attestation.quoting.PkiException;
import org.swtdx.attestation.quoting.PlatformTcb;
import org.swtdx.attestation.quoting.TestPki;

/**
 * The collateral of this installation over the HTTP interface of Intel's provisioning certification
 * service and its caches, API version 4: what a verifier asks for, not what a platform does.
 */
final class PccsServer implements AutoCloseable {
  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int NOT_FOUND = 404;
  private static final int NOT_ALLOWED = 405;
  private static final int FAILED = 500;

  private final InstalledPki installed;
  private final TestPki pki;
  private final InstantSource clock;
  private final Consumer<String> log;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** What to answer. */
  private record Answer(int status, String type, Map<String, String> headers, String body) {
    static Answer failed(int status) {
      return new Answer(status, "text/plain", Map.of(), "");
    }
  }

  /**
   * Starts the service on a port of 127.0.0.1.
   *
   * @param port the port, or 0 for any
   */
  PccsServer(
      InstalledPki installed, TestPki pki, InstantSource clock, int port, Consumer<String> log)
      throws IOException {
    this.installed = installed;
    this.pki = pki;
    this.clock = clock;
    this.log = log;
    server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 0);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Answer answer;
      try {
        answer =
            exchange.getRequestMethod().equals("GET")
                ? answer(
                    exchange.getRequestURI().getPath(),
                    query(exchange.getRequestURI().getRawQuery()))
                : Answer.failed(NOT_ALLOWED);
      } catch (PkiException | CollateralException | RuntimeException e) {
        log.accept("failed: " + e.getMessage());
        answer = Answer.failed(FAILED);
      }
      log.accept(exchange.getRequestURI() + " answered with " + answer.status());
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      byte[] body = answer.body().getBytes(StandardCharsets.ISO_8859_1);
      exchange.getResponseHeaders().set("Content-Type", answer.type());
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static Map<String, String> query(@org.jspecify.annotations.Nullable String raw) {
    Map<String, String> parameters = new HashMap<>();
    for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        parameters.put(
            pair.substring(0, equals),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return parameters;
  }

  private Answer answer(String path, Map<String, String> query)
      throws PkiException, CollateralException {
    Collateral collateral = new CollateralIssuer(pki, installed.state()).issue(clock.instant());
    String tcbChain = encoded(collateral.tcbInfoIssuerChain());
    return switch (path) {
      case "/tdx/certification/v4/tcb" -> {
        String fmspc = query.getOrDefault("fmspc", "").toLowerCase(Locale.ROOT);
        if (!fmspc.matches("[0-9a-f]{12}")) {
          yield Answer.failed(BAD_REQUEST);
        }
        yield fmspc.equals(PlatformTcb.FMSPC)
            ? json(collateral.tcbInfo().toResponse("tcbInfo"), "TCB-Info-Issuer-Chain", tcbChain)
            : Answer.failed(NOT_FOUND);
      }
      case "/tdx/certification/v4/qe/identity" ->
          json(
              collateral.qeIdentity().toResponse("enclaveIdentity"),
              "SGX-Enclave-Identity-Issuer-Chain",
              tcbChain);
      case "/sgx/certification/v4/pckcrl" ->
          switch (query.getOrDefault("ca", "")) {
            case "platform" -> list(collateral, "der".equals(query.get("encoding")));
            case "processor" -> list(processors(), "der".equals(query.get("encoding")));
            default -> Answer.failed(BAD_REQUEST);
          };
      case "/sgx/certification/v4/rootcacrl" ->
          new Answer(
              OK,
              "application/octet-stream",
              Map.of(),
              HexFormat.of().formatHex(collateral.rootCaCrl()));
      case "/IntelSGXRootCA.der" ->
          new Answer(OK, "application/pkix-crl", Map.of(), binary(collateral.rootCaCrl()));
      default -> Answer.failed(NOT_FOUND);
    };
  }

  private Collateral processors() throws PkiException, CollateralException {
    return new CollateralIssuer(pki, installed.state())
        .issue(
            new CollateralRequest(
                Tee.TDX, new Fmspc(PlatformTcb.FMSPC), PckCa.PROCESSOR, clock.instant()));
  }

  private static Answer json(byte[] document, String header, String chain) {
    return new Answer(OK, "application/json", Map.of(header, chain), binary(document));
  }

  private static Answer list(Collateral collateral, boolean der) {
    Map<String, String> headers =
        Map.of("SGX-PCK-CRL-Issuer-Chain", encoded(collateral.pckCrlIssuerChain().orElse("")));
    return der
        ? new Answer(OK, "application/pkix-crl", headers, binary(collateral.pckCrl()))
        : new Answer(OK, "application/x-pem-file", headers, pem(collateral.pckCrl()));
  }

  private static String pem(byte[] der) {
    return "-----BEGIN X509 CRL-----\n"
        + java.util.Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END X509 CRL-----\n";
  }

  /** Bytes as a string of as many characters. */
  private static String binary(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Percent-encoding as Intel's service uses it, blanks included. */
  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
