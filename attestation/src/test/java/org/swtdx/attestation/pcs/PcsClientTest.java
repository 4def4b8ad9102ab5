package org.swtdx.attestation.pcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.CollateralRequest;
import org.swtdx.attestation.collateral.CollateralRequest.PckCa;
import org.swtdx.attestation.collateral.Fmspc;
import org.swtdx.attestation.collateral.Tee;
import org.swtdx.attestation.quoting.CollateralIssuer;
import org.swtdx.attestation.quoting.PkiState;
import org.swtdx.attestation.quoting.PlatformTcb;
import org.swtdx.attestation.quoting.TestPki;

/** Against a server in this process that answers as PCCS does, and as broken ones do. */
final class PcsClientTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final TestPki PKI = TestPki.create(new SplittableRandom(1), NOW);
  private static final Collateral COLLATERAL =
      new CollateralIssuer(PKI, PkiState.INITIAL).issue(NOW);
  private static final CollateralRequest REQUEST =
      new CollateralRequest(Tee.TDX, new Fmspc(PlatformTcb.FMSPC), PckCa.PLATFORM, NOW);

  /** How the server misbehaves. */
  @FunctionalInterface
  private interface Answer {
    /** Answers an exchange itself; false leaves it to the usual answers. */
    boolean answered(HttpExchange exchange, int number) throws IOException;
  }

  @TempDir private Path folder;
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private final List<String> remarks = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger number = new AtomicInteger();
  private volatile Answer answer = (_, _) -> false;
  private volatile Instant clock = NOW;
  private HttpServer server;
  private ExecutorService threads;
  private PcsOptions options;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    threads = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
    options =
        new PcsOptions(
            URI.create(
                "http://localhost:" + server.getAddress().getPort() + "/sgx/certification/v4/"),
            Duration.ofSeconds(10),
            3,
            Duration.ofMillis(1),
            Duration.ofMillis(50),
            100_000,
            Optional.empty(),
            OptionalInt.empty(),
            Duration.ofDays(1));
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked.add(exchange.getRequestURI().toString());
      if (!answer.answered(exchange, number.incrementAndGet())) {
        usual(exchange);
      }
    }
  }

  private static void usual(HttpExchange exchange) throws IOException {
    String chain =
        URLEncoder.encode(COLLATERAL.tcbInfoIssuerChain(), StandardCharsets.UTF_8)
            .replace("+", "%20");
    switch (exchange.getRequestURI().getPath()) {
      case "/tdx/certification/v4/tcb" -> {
        exchange.getResponseHeaders().add("TCB-Info-Issuer-Chain", chain);
        reply(exchange, 200, COLLATERAL.tcbInfo().toResponse("tcbInfo"));
      }
      case "/tdx/certification/v4/qe/identity" -> {
        exchange.getResponseHeaders().add("SGX-Enclave-Identity-Issuer-Chain", chain);
        reply(exchange, 200, COLLATERAL.qeIdentity().toResponse("enclaveIdentity"));
      }
      case "/sgx/certification/v4/pckcrl" -> {
        exchange
            .getResponseHeaders()
            .add(
                "SGX-PCK-CRL-Issuer-Chain",
                URLEncoder.encode(
                    COLLATERAL.pckCrlIssuerChain().orElseThrow(), StandardCharsets.UTF_8));
        reply(exchange, 200, COLLATERAL.pckCrl());
      }
      case "/sgx/certification/v4/rootcacrl" ->
          reply(
              exchange,
              200,
              HexFormat.of().formatHex(COLLATERAL.rootCaCrl()).getBytes(StandardCharsets.US_ASCII));
      default -> reply(exchange, 404, new byte[0]);
    }
  }

  private static void reply(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  private PcsClient client(Optional<Path> cache) {
    return PcsClient.online(HttpClient.newHttpClient(), options, cache, () -> clock, remarks::add);
  }

  private static void assertComplete(Collateral collateral) {
    assertThat(collateral.tcbInfo()).isEqualTo(COLLATERAL.tcbInfo());
    assertThat(collateral.tcbInfoIssuerChain()).isEqualTo(COLLATERAL.tcbInfoIssuerChain());
    assertThat(collateral.qeIdentity()).isEqualTo(COLLATERAL.qeIdentity());
    assertThat(collateral.qeIdentityIssuerChain()).isEqualTo(COLLATERAL.qeIdentityIssuerChain());
    assertThat(collateral.pckCrl()).isEqualTo(COLLATERAL.pckCrl());
    assertThat(collateral.pckCrlIssuerChain()).isEqualTo(COLLATERAL.pckCrlIssuerChain());
    assertThat(collateral.rootCaCrl()).isEqualTo(COLLATERAL.rootCaCrl());
  }

  private void assertRefused(String... reasons) {
    assertThatExceptionOfType(CollateralException.class)
        .isThrownBy(() -> client(Optional.empty()).collateral(REQUEST))
        .satisfies(e -> assertThat(e.getMessage()).contains(reasons));
  }

  @Test
  void everythingIsAskedForWhereTheApiHasIt() throws Exception {
    assertComplete(client(Optional.empty()).collateral(REQUEST));
    assertThat(asked)
        .containsExactly(
            "/tdx/certification/v4/tcb?fmspc=535754445800",
            "/tdx/certification/v4/qe/identity",
            "/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
            "/sgx/certification/v4/rootcacrl");
  }

  @Test
  void updateAndEvaluationDataNumberAreAskedFor() throws Exception {
    options = options.withUpdate(Optional.of(PcsOptions.Update.EARLY), OptionalInt.empty());
    client(Optional.empty()).collateral(REQUEST);
    options = options.withUpdate(Optional.empty(), OptionalInt.of(17));
    client(Optional.empty()).collateral(REQUEST);

    assertThat(asked)
        .contains(
            "/tdx/certification/v4/tcb?fmspc=535754445800&update=early",
            "/tdx/certification/v4/qe/identity?update=early",
            "/tdx/certification/v4/tcb?fmspc=535754445800&tcbEvaluationDataNumber=17",
            "/tdx/certification/v4/qe/identity?tcbEvaluationDataNumber=17");
  }

  @Test
  void intelKeepsTheListOfItsRootElsewhere() {
    PcsOptions intel = PcsOptions.of(PcsOptions.INTEL);

    assertThat(PcsRequest.rootCrl(intel).uri())
        .hasToString("https://certificates.trustedservices.intel.com/IntelSGXRootCA.der");
    assertThat(PcsRequest.tcbInfo(intel, Tee.SGX, REQUEST.fmspc()).uri())
        .hasToString(
            "https://api.trustedservices.intel.com/sgx/certification/v4/tcb?fmspc=535754445800");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:8081", "file:///x", "https:///x", "ftp://host/"})
  void addressesOfNoServiceAreRefused(String address) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> PcsOptions.of(URI.create(address)))
        .withMessageContaining("no address of a service");
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504})
  void passingFailuresAreTriedAgain(int status) throws Exception {
    answer =
        (exchange, count) -> {
          if (count > 2) {
            return false;
          }
          exchange.getResponseHeaders().add("Retry-After", "0");
          reply(exchange, status, new byte[0]);
          return true;
        };

    assertComplete(client(Optional.empty()).collateral(REQUEST));
    assertThat(asked).hasSize(6);
  }

  @Test
  void attemptsAreLimited() {
    answer =
        (exchange, _) -> {
          reply(exchange, 503, new byte[0]);
          return true;
        };

    assertRefused("status 503", "at the last of 3 attempts");
    assertThat(asked).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"3600", "Thu, 01 Jan 2026 01:00:00 GMT"})
  void serviceThatWantsPeaceForLongIsNotAskedAgain(String retryAfter) {
    answer =
        (exchange, _) -> {
          exchange.getResponseHeaders().add("Retry-After", retryAfter);
          reply(exchange, 429, new byte[0]);
          return true;
        };

    assertRefused("status 429", "3600 s of peace");
    assertThat(asked).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "400, does not understand",
    "401, wants a key",
    "404, it has none",
    "410, evaluation data number",
    "302, status 302",
    "204, status 204",
  })
  void finalFailuresAreNotTriedAgain(int status, String reason) {
    answer =
        (exchange, _) -> {
          reply(exchange, status, new byte[0]);
          return true;
        };

    assertRefused("TCB info of FMSPC 535754445800", "localhost:", reason);
    assertThat(asked).hasSize(1);
  }

  @Test
  void silenceEndsWithTheTimeout() {
    options = options.withTimeout(Duration.ofMillis(150));
    answer =
        (_, _) -> {
          pause();
          return true;
        };

    assertRefused("no whole answer within 0.15 s");
  }

  @Test
  void bodyThatTricklesEndsWithTheTimeout() {
    options = options.withTimeout(Duration.ofMillis(300));
    answer =
        (exchange, _) -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write(1);
          exchange.getResponseBody().flush();
          pause();
          return true;
        };

    assertRefused("no whole answer");
  }

  private static void pause() {
    try {
      Thread.sleep(5000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void answersThatAreTooLargeAreNotRead() {
    answer =
        (exchange, _) -> {
          exchange.sendResponseHeaders(200, 0); // chunked: no length to be warned by
          byte[] chunk = new byte[50_000];
          for (int i = 0; i < 100; i++) {
            exchange.getResponseBody().write(chunk);
          }
          return true;
        };

    assertRefused("more than 100000 bytes");
  }

  @Test
  void answersThatAreCutOffAreTriedAgainAndThenRefused() {
    answer =
        (exchange, _) -> {
          byte[] body = COLLATERAL.tcbInfo().toResponse("tcbInfo");
          exchange.getResponseHeaders().add("TCB-Info-Issuer-Chain", "x");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body, 0, 100);
          return true;
        };

    assertRefused("TCB info", "at the last of 3 attempts");
    assertThat(asked).hasSizeGreaterThanOrEqualTo(3); // the JDK's client tries again by itself
  }

  @Test
  void answersThatMakeNoSenseAreRefusedAndNotKept() throws Exception {
    byte[] whole = COLLATERAL.tcbInfo().toResponse("tcbInfo");
    answer =
        (exchange, _) -> {
          exchange.getResponseHeaders().add("TCB-Info-Issuer-Chain", "x");
          reply(exchange, 200, Arrays.copyOf(whole, whole.length - 5));
          return true;
        };

    assertThatExceptionOfType(CollateralException.class)
        .isThrownBy(() -> client(Optional.of(folder)).collateral(REQUEST))
        .withMessageContaining("cannot be used");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void answersAboutSomethingElseAreRefused() {
    CollateralRequest other =
        new CollateralRequest(Tee.TDX, new Fmspc("00806f050000"), PckCa.PLATFORM, NOW);

    assertThatExceptionOfType(CollateralException.class)
        .isThrownBy(() -> client(Optional.empty()).collateral(other))
        .withMessageContaining("it is about TDX and FMSPC 535754445800");
  }

  @Test
  void headerWithTheIssuerChainIsNeeded() {
    answer =
        (exchange, _) -> {
          reply(exchange, 200, COLLATERAL.tcbInfo().toResponse("tcbInfo"));
          return true;
        };

    assertRefused("no header TCB-Info-Issuer-Chain");
  }

  @Test
  void freshAnswersComeFromTheCache() throws Exception {
    client(Optional.of(folder)).collateral(REQUEST);
    clock = NOW.plus(Duration.ofHours(23));

    assertComplete(client(Optional.of(folder)).collateral(REQUEST));
    assertThat(asked).hasSize(4);
  }

  @Test
  void oldAnswersAreAskedForAgain() throws Exception {
    client(Optional.of(folder)).collateral(REQUEST);
    clock = NOW.plus(Duration.ofHours(25));

    assertComplete(client(Optional.of(folder)).collateral(REQUEST));
    assertThat(asked).hasSize(8);
  }

  @Test
  void validAnswersHelpWhenTheServiceFailsAndExpiredOnesDoNot() throws Exception {
    client(Optional.of(folder)).collateral(REQUEST);
    server.stop(0);
    clock = NOW.plus(Duration.ofDays(29));

    assertComplete(client(Optional.of(folder)).collateral(REQUEST));
    assertThat(remarks).hasSize(4).allSatisfy(r -> assertThat(r).contains("nobody answers there"));

    clock = NOW.plus(Duration.ofDays(31));
    assertThatExceptionOfType(CollateralException.class)
        .isThrownBy(() -> client(Optional.of(folder)).collateral(REQUEST))
        .withMessageContaining("nobody answers there");
  }

  @Test
  void offlineNobodyIsAsked() throws Exception {
    PcsClient offline = PcsClient.offline(options, folder);
    assertThatExceptionOfType(CollateralException.class)
        .isThrownBy(() -> offline.collateral(REQUEST))
        .withMessageContaining("the cache has no TCB info");
    client(Optional.of(folder)).collateral(REQUEST);
    asked.clear();

    assertComplete(offline.collateral(REQUEST));
    assertThat(asked).isEmpty();
  }

  @Test
  void damagedCacheIsPassedOver() throws Exception {
    client(Optional.of(folder)).collateral(REQUEST);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.writeString(file, Files.readString(file).substring(0, 200));
      }
    }

    assertComplete(client(Optional.of(folder)).collateral(REQUEST));
    assertThat(asked).hasSize(8);
  }

  @Test
  void cacheThatCannotBeWrittenIsARemark() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");

    assertComplete(client(Optional.of(file.resolve("cache"))).collateral(REQUEST));
    assertThat(remarks).hasSize(4).allSatisfy(r -> assertThat(r).contains("cannot keep"));
  }
}
