package org.swtdx.attestation.qgs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.swtdx.attestation.collateral.CollateralRequest.PckCa;
import org.swtdx.attestation.collateral.Fmspc;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quoting.CollateralIssuer;
import org.swtdx.attestation.quoting.PkiRole;
import org.swtdx.attestation.quoting.PkiState;
import org.swtdx.attestation.quoting.PlatformTcb;
import org.swtdx.attestation.quoting.QuoteVersion;
import org.swtdx.attestation.quoting.QuotingEnclave;
import org.swtdx.attestation.quoting.TestPki;
import org.swtdx.attestation.report.Reports;

final class QgsServerTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final TestPki PKI = TestPki.create(new SplittableRandom(1), NOW);
  private static final byte[] REPORT = Reports.report(new byte[64]).toBytes();

  @TempDir private Path folder;
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private final AtomicReference<PkiState> state = new AtomicReference<>(PkiState.INITIAL);
  private QgsServer server;
  private Path socket;
  private int port;

  @BeforeEach
  void start() throws IOException {
    server = server(Duration.ofSeconds(20));
    socket = folder.resolve("qgs.socket");
    server.listen(socket);
    port = server.listen(0);
  }

  private QgsServer server(Duration timeout) {
    PlatformQgs platform =
        new PlatformQgs(
            PKI,
            new QuotingEnclave(PKI, Reports.MAC),
            QuoteVersion.V4,
            state::get,
            InstantSource.fixed(NOW));
    return new QgsServer(new QgsResponder(platform, log::add), timeout, log::add);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    assertThat(socket).doesNotExist();
  }

  private QgsClient overUnix() {
    return new QgsClient(SocketQgsTransport.unix(socket, Duration.ofSeconds(20)));
  }

  private QgsClient overTcp() {
    return new QgsClient(SocketQgsTransport.loopback(port, Duration.ofSeconds(20)));
  }

  /** Sends bytes and returns everything that comes back until the end. */
  private byte[] raw(byte[]... parts) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      for (byte[] part : parts) {
        QgsFrames.writeAll(channel, ByteBuffer.wrap(part));
      }
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      Channels.newInputStream(channel).transferTo(all);
      return all.toByteArray();
    }
  }

  private static byte[] frame(byte[] message) {
    return ByteBuffer.allocate(4 + message.length).putInt(message.length).put(message).array();
  }

  private static QgsMessage unframe(byte[] answer) throws QgsException {
    assertThat(ByteBuffer.wrap(answer).getInt()).isEqualTo(answer.length - 4);
    return QgsCodec.decode(Arrays.copyOfRange(answer, 4, answer.length));
  }

  @Test
  void quoteComesOverBothSockets() throws Exception {
    for (QgsClient client : List.of(overUnix(), overTcp())) {
      Quote quote = Quote.parse(client.quote(REPORT));

      assertThat(quote.td().orElseThrow().mrTd())
          .isEqualTo(Reports.report(new byte[64]).tdInfo().mrTd());
    }
  }

  @Test
  void reportOfAnotherPlatformIsRefused() {
    byte[] foreign = REPORT.clone();
    foreign[230] ^= 1;

    assertThatExceptionOfType(QgsException.class)
        .isThrownBy(() -> overUnix().quote(foreign))
        .withMessageContaining("0x12003");
    assertThat(log).anySatisfy(line -> assertThat(line).contains("its MAC is wrong"));
  }

  @Test
  void collateralFollowsTheStateOfThePki() throws Exception {
    Fmspc fmspc = new Fmspc(PlatformTcb.FMSPC);
    byte[] before = overTcp().collateral(fmspc, PckCa.PLATFORM).pckCrl();

    state.set(state.get().revoke(PkiRole.PCK));

    assertThat(overTcp().collateral(fmspc, PckCa.PLATFORM).pckCrl().length)
        .isGreaterThan(before.length);
    assertThat(overTcp().collateral(fmspc, PckCa.PLATFORM).tcbInfo().body())
        .isEqualTo(new CollateralIssuer(PKI, state.get()).issue(NOW).tcbInfo().body());
  }

  @Test
  void collateralOfOtherPlatformsIsRefused() {
    assertThatExceptionOfType(QgsException.class)
        .isThrownBy(() -> overTcp().collateral(new Fmspc("00806f050000"), PckCa.PLATFORM));
  }

  @Test
  void platformTellsWhatItIs() throws Exception {
    QgsMessage.GetPlatformInfoResponse info = overUnix().platformInfo();

    assertThat(info.pceIsvSvn()).isEqualTo(PlatformTcb.PCE_SVN);
    assertThat(info.platformId().bytes()).isEqualTo(PKI.qeId());
    assertThat(info.cpuSvn().bytes()).isEqualTo(PlatformTcb.cpuSvn());
  }

  @Test
  void bareReportIsAnsweredWithABareQuote() throws Exception {
    byte[] quote = raw(Arrays.copyOf(REPORT, 500), Arrays.copyOfRange(REPORT, 500, 1024));

    assertThat(Quote.parse(quote).length()).isEqualTo(quote.length);
  }

  @Test
  void bareReportOfAnotherPlatformIsAnsweredWithTheEnd() throws Exception {
    byte[] foreign = REPORT.clone();
    foreign[230] ^= 1;

    assertThat(raw(foreign)).isEmpty();
  }

  @Test
  void malformedFramesAreAnsweredWithTheError() throws Exception {
    byte[] good = QgsCodec.encode(new QgsMessage.GetPlatformInfoRequest());
    byte[] unknown = good.clone();
    unknown[4] = 6; // GET_QUOTE_MIG_REQ
    byte[] liar = good.clone();
    liar[8] = 17;

    assertThat(unframe(raw(frame(unknown))))
        .isEqualTo(QgsMessage.Failure.of(QgsType.GET_QUOTE_RESPONSE, QgsError.INVALID_TYPE));
    assertThat(unframe(raw(frame(liar))))
        .isEqualTo(
            QgsMessage.Failure.of(QgsType.GET_PLATFORM_INFO_RESPONSE, QgsError.INVALID_SIZE));
    assertThat(unframe(raw(new byte[4])))
        .isEqualTo(QgsMessage.Failure.of(QgsType.GET_QUOTE_RESPONSE, QgsError.INVALID_SIZE));
    assertThat(unframe(raw(new byte[] {0x7f, 0, 0, 0})))
        .isEqualTo(QgsMessage.Failure.of(QgsType.GET_QUOTE_RESPONSE, QgsError.INVALID_SIZE));
  }

  @Test
  void silentConnectionsAreClosed() throws Exception {
    Path other = folder.resolve("impatient");
    try (QgsServer impatient = server(Duration.ofMillis(50))) {
      impatient.listen(other);
      try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(other))) {
        QgsFrames.writeAll(channel, ByteBuffer.wrap(new byte[] {0, 0}));

        assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      }
    }
  }

  @Test
  void manyAskAtOnce() throws Exception {
    Callable<byte[]> ask = () -> overUnix().quote(REPORT);
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<byte[]> quote : pool.invokeAll(Collections.nCopies(100, ask))) {
        assertThat(Quote.parse(quote.get()).version()).isEqualTo(4);
      }
    }
  }

  @Test
  void socketInUseIsNotTakenButADeadOneIs() throws Exception {
    try (QgsServer second = server(Duration.ofSeconds(20))) {
      assertThatExceptionOfType(BindException.class)
          .isThrownBy(() -> second.listen(socket))
          .withMessageContaining("somebody listens");
      Path file = Files.writeString(folder.resolve("file"), "precious");
      assertThatExceptionOfType(BindException.class).isThrownBy(() -> second.listen(file));
      assertThat(file).hasContent("precious");

      Path dead = folder.resolve("dead");
      try (ServerSocketChannel left =
          ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
        left.bind(UnixDomainSocketAddress.of(dead));
      }
      second.listen(dead);
      assertThat(
              new QgsClient(SocketQgsTransport.unix(dead, Duration.ofSeconds(20))).platformInfo())
          .isNotNull();
    }
  }

  @Test
  void tcpIsBoundToLoopbackOnly() throws Exception {
    assertThat(InetAddress.getLoopbackAddress().isLoopbackAddress()).isTrue();
    for (var network : Collections.list(java.net.NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(network.getInetAddresses())) {
        if (!address.isLoopbackAddress()) {
          try (SocketChannel channel = SocketChannel.open()) {
            assertThatExceptionOfType(IOException.class)
                .as(address.toString())
                .isThrownBy(
                    () -> channel.socket().connect(new InetSocketAddress(address, port), 500));
          }
        }
      }
    }
  }

  @Test
  void clientGivesUpOnAServiceThatIsSilent() throws Exception {
    Path silent = folder.resolve("silent");
    try (ServerSocketChannel nobody =
        ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      nobody.bind(UnixDomainSocketAddress.of(silent));

      assertThatExceptionOfType(SocketTimeoutException.class)
          .isThrownBy(
              () ->
                  new QgsClient(SocketQgsTransport.unix(silent, Duration.ofMillis(50)))
                      .quote(REPORT));
    }
  }

  @Test
  void clientTakesNothingButTheAnswer() {
    QgsTransport confused = _ -> QgsCodec.encode(new QgsMessage.GetPlatformInfoRequest());

    assertThatExceptionOfType(QgsException.class)
        .isThrownBy(() -> new QgsClient(confused).quote(REPORT))
        .satisfies(e -> assertThat(e.error()).isEqualTo(QgsError.INVALID_TYPE));
    assertThatExceptionOfType(QgsException.class)
        .isThrownBy(() -> new QgsClient(_ -> new byte[3]).quote(REPORT));
  }
}
