package org.swtdx.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.InstantSource;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A cache of one's own often has a certificate of one's own. */
class PccsTlsTest {
  private static final char[] PASSWORD = "password".toCharArray();

  @TempDir private static Path folder;

  private static PccsServer pccs;
  private static HttpsServer front;
  private static Path own;

  @BeforeAll
  static void serve() throws Exception {
    PkiOption option = new PkiOption();
    new CommandLine(option).parseArgs("--pki", folder.resolve("pki").toString());
    InstalledPki installed = InstalledPki.open(option, new PrintWriter(new StringWriter(), true));
    pccs = new PccsServer(installed, installed.pki(), InstantSource.system(), 0, _ -> {});
    KeyStore keys = keys("own.p12");
    own = pem(keys, "own.pem");
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    front = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    front.setHttpsConfigurator(new HttpsConfigurator(context));
    front.createContext("/", PccsTlsTest::forward);
    front.start();
  }

  @AfterAll
  static void stop() {
    front.stop(0);
    pccs.close();
  }

  /** A key and a certificate for localhost that nobody else vouches for, made by the JDK's tool. */
  private static KeyStore keys(String name) throws Exception {
    Path file = folder.resolve(name);
    String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Process process =
        new ProcessBuilder(
                (tool
                        + " -genkeypair -alias own -keyalg EC -groupname secp256r1 -validity 2"
                        + " -dname CN=localhost -ext san=dns:localhost,ip:127.0.0.1"
                        + " -storetype PKCS12 -storepass password -keystore "
                        + file)
                    .split(" "))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), US_ASCII);
    assertThat(process.waitFor()).as(said).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    return store;
  }

  private static Path pem(KeyStore store, String name) throws Exception {
    String base64 =
        Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(store.getCertificate("own").getEncoded());
    return Files.writeString(
        folder.resolve(name),
        "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
  }

  private static void forward(HttpExchange exchange) throws IOException {
    try (exchange;
        HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> answer =
          client.send(
              HttpRequest.newBuilder(
                      URI.create("http://localhost:" + pccs.port() + exchange.getRequestURI()))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      answer
          .headers()
          .map()
          .forEach(
              (name, values) -> {
                if (name.endsWith("-issuer-chain")) {
                  exchange.getResponseHeaders().put(name, values);
                }
              });
      exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
      exchange.getResponseBody().write(answer.body());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static CommandLineRun fetch(String... more) {
    String[] args = {
      "collateral",
      "fetch",
      "--fmspc",
      "535754445800",
      "--out",
      folder.resolve("out").toString(),
      "--no-cache",
      "--pccs",
      "https://localhost:" + front.getAddress().getPort() + "/sgx/certification/v4/"
    };
    String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return CommandLineRun.of(all);
  }

  @Test
  void aCacheWithACertificateOfItsOwnIsTrustedWhenNamed() throws Exception {
    CommandLineRun run = fetch("--pccs-tls-root", own.toString());

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(Files.readString(folder.resolve("out"))).contains("tcb_info", "535754445800");
  }

  @Test
  void withoutItsCertificateItIsNot() {
    CommandLineRun run = fetch();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("TLS fails");
  }

  @Test
  void anotherCertificateDoesNotVouchForIt() throws Exception {
    CommandLineRun run = fetch("--pccs-tls-root", pem(keys("other.p12"), "other.pem").toString());

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("TLS fails");
  }

  @Test
  void aFileWithoutCertificatesIsExplained() throws Exception {
    Path empty = Files.writeString(folder.resolve("empty.pem"), "");

    CommandLineRun run = fetch("--pccs-tls-root", empty.toString());

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("empty.pem holds no");
  }
}
