package org.swtdx.attestation.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.QuoteFormatException;
import org.swtdx.attestation.quote.TdQuoteBody;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Logs of real machines, if they are beside the checkout; the results are those of its manifest.
 */
class CorpusTest {
  private static byte[] file(String name) throws IOException {
    @Nullable Path folder = Path.of("").toAbsolutePath();
    while (folder != null) {
      Path file = folder.resolve("shared/data/quotes").resolve(name);
      if (Files.isReadable(file)) {
        return Files.readAllBytes(file);
      }
      folder = folder.getParent();
    }
    assumeTrue(false, "needs the corpus of quotes beside the checkout");
    throw new AssertionError();
  }

  private static Map<MeasurementRegister, String> registers(byte[] quote)
      throws QuoteFormatException {
    Map<MeasurementRegister, String> values = new EnumMap<>(MeasurementRegister.class);
    for (int i = 0; i < 4; i++) {
      values.put(
          MeasurementRegister.rtmr(i),
          HexFormat.of().formatHex(((TdQuoteBody) Quote.parse(quote).body()).rtmr(i)));
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({
    "google_go-tdx-guest/ccel_data.dat, 43",
    "google_go-eventlog/cos-113-intel-tdx.bin, 43",
    "Dstack-TEE_dstack/ccel.bin, 18",
    "Dstack-TEE_dstack/quote-report.json, 28",
    "confidential-containers_trustee/CCEL_data_ovmf, 20",
    "confidential-containers_trustee/CCEL_data_grub, 37",
    "confidential-containers_trustee/CCEL_data_gcp, 21",
    "confidential-containers_trustee/CCEL_AAEL_alibabacloud, 87"
  })
  void realLogsAreSound(String name, int events) throws Exception {
    EventLog log = EventLogs.read(file(name));

    assertThat(log.events()).hasSize(events);
    assertThat(LogFinding.of(log)).isEmpty();
    assertThat(log.events())
        .allSatisfy(
            e -> assertThat(EventDecoder.decode(e)).isNotInstanceOf(EventDetail.Opaque.class));
    if (log.format() == EventLog.Format.CCEL) {
      byte[] used = java.util.Arrays.copyOf(file(name), (int) log.bytesUsed());
      assertThat(CcelWriter.write(log)).isEqualTo(used);
    }
  }

  @Test
  void theLogOfAGoogleMachineExplainsItsQuote() throws Exception {
    EventLog log = EventLogs.read(file("google_go-tdx-guest/ccel_data.dat"));

    assertThat(
            RegisterComparison.of(log, registers(file("google_go-tdx-guest/cos-113-tdx-quote.dat")))
                .agrees())
        .isTrue();
  }

  @Test
  void theLogOfADstackMachineExplainsItsQuote() throws Exception {
    byte[] report = file("Dstack-TEE_dstack/quote-report.json");
    String quote = new JsonMapper().readTree(report).path("quote").asString();

    assertThat(
            RegisterComparison.of(EventLogs.read(report), registers(HexFormat.of().parseHex(quote)))
                .agrees())
        .isTrue();
  }

  @Test
  void tablesOfRealMachinesAreRead() throws Exception {
    for (String name :
        List.of(
            "google_go-tdx-guest/ccel_table.dat",
            "google_go-eventlog/cos-113-intel-tdx.table.bin")) {
      CcelTable table = CcelTable.parse(file(name));

      assertThat(table.ccType()).isEqualTo(CcelTable.TYPE_TDX);
      assertThat(table.logAreaBytes()).isEqualTo(0x40000);
      assertThat(table.checksumHolds()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"CCEL_data_ovmf", "CCEL_data_grub", "CCEL_AAEL_alibabacloud"})
  void aPeerReadsTheSameOfLogs(String name) throws Exception {
    EventLog log = EventLogs.read(file("confidential-containers_trustee/" + name));
    byte[] peer = file("confidential-containers_trustee/" + name + "_out.json");
    EventLog peers = EventLogs.read(peer);
    JsonNode list = new JsonMapper().readTree(peer).path("uefi_event_logs");

    assertThat(peers.events()).hasSameSizeAs(log.events());
    for (int i = 0; i < log.events().size(); i++) {
      LogEvent event = log.events().get(i);
      assertThat(event.sameAs(peers.events().get(i))).as("%s", event).isTrue();
      if (list.path(i).path("digest_matches_event").asBoolean()) {
        assertThat(DigestCheck.of(event).verdict()).isEqualTo(DigestCheck.Verdict.MATCHES);
      }
      JsonNode details = list.path(i).path("details");
      if (details.has("unicode_name")
          && EventDecoder.decode(event) instanceof EventDetail.Variable v) {
        assertThat(v.name()).isEqualTo(details.path("unicode_name").asString());
        assertThat(v.bytes()).isEqualTo(details.path("variable_data_length").asInt());
      }
    }
    assertThat(LogComparison.of(log, peers).agrees()).isTrue();
  }

  @Test
  void everyFlippedBitOfADigestIsSeenInTheRegisters() throws Exception {
    byte[] bytes = file("confidential-containers_trustee/CCEL_data_ovmf");
    Map<MeasurementRegister, String> good = Replay.of(EventLogs.read(bytes)).values();
    int firstDigest = 32 + 33 + 14;
    for (int bit = 0; bit < 384; bit++) {
      byte[] flipped = bytes.clone();
      flipped[firstDigest + bit / 8] ^= (byte) (1 << bit % 8);

      RegisterComparison comparison = RegisterComparison.of(EventLogs.read(flipped), good);

      assertThat(comparison.rows()).filteredOn(r -> !r.agrees()).hasSize(1);
    }
  }
}
