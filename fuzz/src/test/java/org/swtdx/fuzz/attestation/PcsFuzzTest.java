package org.swtdx.fuzz.attestation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.CollateralRequest;
import org.swtdx.attestation.collateral.CollateralRequest.PckCa;
import org.swtdx.attestation.collateral.Fmspc;
import org.swtdx.attestation.collateral.Tee;
import org.swtdx.attestation.pcs.PcsClient;
import org.swtdx.attestation.pcs.PcsOptions;
import org.swtdx.attestation.quoting.CollateralIssuer;
import org.swtdx.attestation.quoting.PkiState;
import org.swtdx.attestation.quoting.PlatformTcb;
import org.swtdx.attestation.quoting.TestPki;
import org.swtdx.fuzz.FuzzTarget;

/** Whatever a service answers becomes collateral or a CollateralException. */
class PcsFuzzTest extends FuzzTarget {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final TestPki PKI = TestPki.create(new SplittableRandom(1), NOW);
  private static final Collateral GOOD = new CollateralIssuer(PKI, PkiState.INITIAL).issue(NOW);
  private static final CollateralRequest REQUEST =
      new CollateralRequest(Tee.TDX, new Fmspc(PlatformTcb.FMSPC), PckCa.PLATFORM, NOW);
  private static final List<String> HEADERS =
      List.of(
          "TCB-Info-Issuer-Chain",
          "SGX-Enclave-Identity-Issuer-Chain",
          "SGX-PCK-CRL-Issuer-Chain",
          "Retry-After");
  private static final List<byte[]> BODIES =
      List.of(
          GOOD.tcbInfo().toResponse("tcbInfo"),
          GOOD.qeIdentity().toResponse("enclaveIdentity"),
          GOOD.pckCrl(),
          GOOD.rootCaCrl());

  /**
   * The first byte says which answer the rest replaces, the second the status, the third how much
   * of the rest is the header.
   */
  @Override
  @FuzzTest
  protected void fuzz(byte[] input) {
    if (input.length < 3) {
      return;
    }
    int status = input[1] == 0 ? 200 : 200 + 4 * (input[1] & 0xff);
    int header = Math.min(input.length - 3, input[2] & 0xff);
    String chain = new String(input, 3, header, StandardCharsets.ISO_8859_1);
    byte[] body = Arrays.copyOfRange(input, 3 + header, input.length);
    PcsOptions options =
        new PcsOptions(
            URI.create("http://localhost"),
            Duration.ofSeconds(5),
            1,
            Duration.ZERO,
            Duration.ZERO,
            1 << 20,
            Optional.empty(),
            java.util.OptionalInt.empty(),
            Duration.ofDays(1));
    PcsClient client =
        PcsClient.online(
            new Service(input[0] & 3, status, chain, body),
            options,
            Optional.empty(),
            InstantSource.fixed(NOW),
            _ -> {});
    try {
      Collateral collateral = client.collateral(REQUEST);
      if (status != 200) {
        throw new AssertionError("status " + status + " gave " + collateral);
      }
    } catch (CollateralException e) {
      if (String.valueOf(e.getMessage()).isEmpty()) {
        throw new AssertionError("refused without a reason", e);
      }
    }
  }

  @Override
  protected int randomInputs() {
    return 200;
  }

  @Override
  protected byte[] randomInput(SplittableRandom random) {
    int which = random.nextInt(4);
    byte[] body = BODIES.get(which).clone();
    if (random.nextInt(3) > 0) {
      body[random.nextInt(body.length)] ^= (byte) (1 << random.nextInt(8));
    }
    byte[] chain = (random.nextBoolean() ? "%2D%2D" : "%zz+").getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(which);
    out.write(random.nextInt(3) == 0 ? random.nextInt(100) : 0);
    out.write(chain.length);
    out.writeBytes(chain);
    out.writeBytes(body);
    return out.toByteArray();
  }

  /** Answers as a service does, but for one answer. */
  private static final class Service extends HttpClient {
    private final int spoiled;
    private final int status;
    private final String chain;
    private final byte[] body;
    private int number;

    Service(int spoiled, int status, String chain, byte[] body) {
      this.spoiled = spoiled;
      this.status = status;
      this.chain = chain;
      this.body = body;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
        HttpRequest request, HttpResponse.BodyHandler<T> handler) {
      int mine = number++;
      boolean bad = mine == spoiled;
      String header =
          bad ? chain : URLEncoder.encode(GOOD.tcbInfoIssuerChain(), StandardCharsets.UTF_8);
      Answer answer =
          new Answer(request, bad ? status : 200, header, bad ? body : BODIES.get(mine));
      return CompletableFuture.completedFuture((HttpResponse<T>) answer);
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
        HttpRequest request,
        HttpResponse.BodyHandler<T> handler,
        HttpResponse.PushPromiseHandler<T> push) {
      return sendAsync(request, handler);
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
      return Optional.empty();
    }

    @Override
    public Optional<Duration> connectTimeout() {
      return Optional.empty();
    }

    @Override
    public Redirect followRedirects() {
      return Redirect.NEVER;
    }

    @Override
    public Optional<ProxySelector> proxy() {
      return Optional.empty();
    }

    @Override
    public SSLContext sslContext() {
      throw new UnsupportedOperationException();
    }

    @Override
    public SSLParameters sslParameters() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Authenticator> authenticator() {
      return Optional.empty();
    }

    @Override
    public Version version() {
      return Version.HTTP_1_1;
    }

    @Override
    public Optional<Executor> executor() {
      return Optional.empty();
    }
  }

  /** One answer; the same text stands in all headers. */
  private static final class Answer implements HttpResponse<byte[]> {
    private final HttpRequest request;
    private final int statusCode;
    private final String header;
    private final byte[] body;

    Answer(HttpRequest request, int statusCode, String header, byte[] body) {
      this.request = request;
      this.statusCode = statusCode;
      this.header = header;
      this.body = body;
    }

    @Override
    public HttpRequest request() {
      return request;
    }

    @Override
    public int statusCode() {
      return statusCode;
    }

    @Override
    public byte[] body() {
      return body;
    }

    @Override
    public HttpHeaders headers() {
      Map<String, List<String>> map =
          Map.of(
              HEADERS.get(0), List.of(header),
              HEADERS.get(1), List.of(header),
              HEADERS.get(2), List.of(header),
              HEADERS.get(3), List.of(header));
      return HttpHeaders.of(map, (_, _) -> true);
    }

    @Override
    public Optional<HttpResponse<byte[]>> previousResponse() {
      return Optional.empty();
    }

    @Override
    public Optional<SSLSession> sslSession() {
      return Optional.empty();
    }

    @Override
    public URI uri() {
      return request.uri();
    }

    @Override
    public HttpClient.Version version() {
      return HttpClient.Version.HTTP_1_1;
    }
  }
}
