package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralBundle;
import org.swtdx.attestation.collateral.TcbInfo;
import org.swtdx.attestation.collateral.TcbStatus;
import org.swtdx.attestation.quote.Quote;

class PkiCommandTest {
  @TempDir private Path folder;

  private CommandLineRun pki(String... args) {
    String[] all = new String[args.length + 3];
    all[0] = "pki";
    System.arraycopy(args, 0, all, 1, args.length);
    all[args.length + 1] = "--pki";
    all[args.length + 2] = folder.resolve("pki").toString();
    return CommandLineRun.of(all);
  }

  private Collateral collateral() throws Exception {
    Path file = folder.resolve("collateral.json");
    CommandLineRun made =
        CommandLineRun.of(
            "quote",
            "make",
            "--pki",
            folder.resolve("pki").toString(),
            "--out",
            folder.resolve("quote.dat").toString(),
            "--collateral-out",
            file.toString());
    assertThat(made.status()).as(made.err()).isZero();
    return CollateralBundle.parse(Files.readAllBytes(file));
  }

  @Test
  void firstUseCreatesThePkiAndSaysThatItProvesNothing() {
    CommandLineRun shown = pki("show");

    assertThat(shown.status()).as(shown.err()).isZero();
    assertThat(shown.out())
        .contains("TEST PKI: its quotes prove nothing")
        .contains("CN=Intel SGX Root CA")
        .contains("535754445800")
        .contains("revoked        nothing");
    assertThat(pki("show", "--json").out())
        .contains("\"kind\" : \"swtdx.pki\"", "\"testPki\" : true", "\"revoked\" : [ ]");
  }

  @Test
  void revokingIsSeenInCollateralUntilReset() throws Exception {
    int empty = collateral().pckCrl().length;

    CommandLineRun revoked = pki("revoke");

    assertThat(revoked.out()).contains("revoked        pck");
    assertThat(collateral().pckCrl().length).isGreaterThan(empty);
    assertThat(pki("reset").out()).contains("revoked        nothing");
    assertThat(collateral().pckCrl().length).isLessThan(empty + 3); // signatures vary in length
  }

  @Test
  void loweringIsSeenInCollateral() throws Exception {
    CommandLineRun lowered =
        pki("lower", "--status", "SWHardeningNeeded", "--advisory", "INTEL-SA-00001,X");

    assertThat(lowered.out()).contains("platform       SWHardeningNeeded INTEL-SA-00001, X");
    assertThat(TcbInfo.parse(collateral().tcbInfo().body()).tcbLevels().getFirst().status())
        .isEqualTo(TcbStatus.SW_HARDENING_NEEDED);
  }

  @Test
  void datesAreSeenInCollateral() throws Exception {
    pki("dates", "--issued", "2020-01-01T00:00:00Z", "--valid", "12h");

    assertThat(TcbInfo.parse(collateral().tcbInfo().body()).nextUpdate())
        .hasToString("2020-01-01T12:00:00Z");
  }

  @Test
  void rootIsGivenOutAsPemAndAsDer() throws Exception {
    Path der = folder.resolve("root.der");

    assertThat(pki("root").out()).startsWith("-----BEGIN CERTIFICATE-----");
    assertThat(pki("root", "--der", "--out", der.toString()).status()).isZero();
    assertThat(Files.readAllBytes(der)).startsWith(0x30, 0x82);
    assertThat(pki("root", "--der").status()).isEqualTo(2);
  }

  @Test
  void newKeysHaveAnotherRoot() {
    String before = pki("root").out();

    assertThat(pki("reset", "--new-keys").status()).isZero();
    assertThat(pki("root").out()).isNotEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({
    "revoke root-ca, cannot be revoked",
    "lower --status UpToDate, no TCB status below UpToDate",
    "lower --part nothing, --part",
    "dates --issued yesterday, is no time",
    "dates --valid 0s, a second or more",
    "'', name a command",
  })
  void wrongUseIsExplainedInALine(String arguments, String reason) {
    CommandLineRun run = arguments.isEmpty() ? CommandLineRun.of("pki") : pki(arguments.split(" "));

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains(reason).doesNotContain("Exception");
  }

  @Test
  void damageIsReportedWithItsFile() throws Exception {
    pki("show");
    Files.writeString(folder.resolve("pki/pck.key"), "nonsense");

    CommandLineRun run = pki("show");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("TEST PKI is damaged at", "pck.key").doesNotContain("Exception");
  }

  @Test
  void placeThatCannotBeWrittenIsReported() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");

    CommandLineRun run = CommandLineRun.of("pki", "show", "--pki", file.resolve("pki").toString());

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("cannot create a TEST PKI").doesNotContain("internal error");
  }

  @Test
  void directoryFollowsTheXdgSpecification() {
    String home = System.getProperty("user.home");
    String kept = System.clearProperty(PkiOption.PROPERTY);
    try {
      assertThat(PkiOption.byDefault(Map.of("XDG_DATA_HOME", "/data")))
          .isEqualTo(Path.of("/data/swtdx/pki"));
      assertThat(PkiOption.byDefault(Map.of("XDG_DATA_HOME", "relative")))
          .isEqualTo(Path.of(home, ".local/share/swtdx/pki"));
      assertThat(PkiOption.byDefault(Map.of("SWTDX_PKI", "/here", "XDG_DATA_HOME", "/data")))
          .isEqualTo(Path.of("/here"));
    } finally {
      if (kept != null) {
        System.setProperty(PkiOption.PROPERTY, kept);
      }
    }
  }

  @Test
  void quoteOfValuesSaysTheValues() throws Exception {
    Path out = folder.resolve("quote.dat");
    CommandLineRun made =
        CommandLineRun.of(
            "quote",
            "make",
            "--out",
            out.toString(),
            "--quote-version",
            "5",
            "--mrtd",
            "ab".repeat(48),
            "--rtmr",
            "2=" + "cd".repeat(48),
            "--mrowner",
            "ef".repeat(48),
            "--report-data",
            "0102",
            "--attributes",
            "debug,pks",
            "--xfam",
            "0xe7");

    assertThat(made.status()).as(made.err()).isZero();
    Quote quote = Quote.parse(Files.readAllBytes(out));
    assertThat(quote.version()).isEqualTo(5);
    assertThat(quote.td().orElseThrow().mrTd()).containsOnly(0xab);
    assertThat(quote.td().orElseThrow().rtmr(2)).containsOnly(0xcd);
    assertThat(quote.td().orElseThrow().rtmr(3)).containsOnly(0);
    assertThat(quote.td().orElseThrow().mrOwner()).containsOnly(0xef);
    assertThat(quote.td().orElseThrow().reportData()).startsWith(1, 2, 0).hasSize(64);
    assertThat(quote.td().orElseThrow().tdAttributes()).isEqualTo(0x40000001L);
    assertThat(quote.td().orElseThrow().xfam()).isEqualTo(0xe7);
  }

  @Test
  void reportOfThisInstallationIsQuotedAndAnyOtherIsNot() throws Exception {
    Path report = folder.resolve("report");
    String out = folder.resolve("quote.dat").toString();
    assertThat(
            CommandLineRun.of("quote", "make", "--out", out, "--report-out", "" + report).status())
        .isZero();
    assertThat(CommandLineRun.of("quote", "make", "--out", out, "--report", "" + report).status())
        .isZero();
    byte[] bytes = Files.readAllBytes(report);
    bytes[230] ^= 1; // MAC
    Files.write(report, bytes);

    CommandLineRun refused =
        CommandLineRun.of("quote", "make", "--out", out, "--report", "" + report);

    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("not made on this platform");
    assertThat(
            CommandLineRun.of(
                    "quote", "make", "--out", out, "--report", "" + report, "--accept-any-report")
                .status())
        .isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "--mrtd 00, 96 hex digits",
    "--mrtd zz, --mrtd",
    "--rtmr 4=00, RTMRs 0 to 3",
    "--report-data " + "00000000000000000000000000000000" + "0, --report-data",
    "--quote-version 3, version 4 or 5",
    "--xfam x, no hexadecimal number",
    "--report /nowhere/at/all, does not exist",
    "--report x --mrtd 00, leave them out",
  })
  void valuesThatCannotBeAreRefused(String options, String reason) {
    String[] base = {"quote", "make", "--out", folder.resolve("q").toString()};
    String[] more = options.split(" ", -1);
    String[] all = java.util.Arrays.copyOf(base, base.length + more.length);
    System.arraycopy(more, 0, all, base.length, more.length);

    CommandLineRun run = CommandLineRun.of(all);

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains(reason).doesNotContain("internal error");
    assertThat(folder.resolve("q")).doesNotExist();
  }
}
