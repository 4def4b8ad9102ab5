package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QuoteVerifyCommandTest {
  @TempDir private static Path folder;

  private static Path quote;
  private static Path root;
  private static Path bundle;

  @BeforeAll
  static void makeQuoteAndCollateral() {
    quote = folder.resolve("quote.dat");
    root = folder.resolve("root.pem");
    bundle = folder.resolve("bundle.json");
    String pki = folder.resolve("pki").toString();
    CommandLineRun made =
        CommandLineRun.of(
            "quote", "make", "--pki", pki, "--out", quote + "", "--collateral-out", bundle + "");
    assertThat(made.status()).as(made.err()).isZero();
    assertThat(CommandLineRun.of("pki", "root", "--pki", pki, "--out", root + "").status())
        .isZero();
  }

  private static CommandLineRun verify(Object... more) {
    String[] args = new String[more.length + 6];
    String[] start = {"quote", "verify", "--root", root + "", "--collateral", bundle + ""};
    System.arraycopy(start, 0, args, 0, start.length);
    for (int i = 0; i < more.length; i++) {
      args[start.length + i] = more[i] + "";
    }
    return CommandLineRun.of(args);
  }

  private static Path damaged(String name) throws Exception {
    byte[] bytes = Files.readAllBytes(quote);
    bytes[200] ^= 1;
    return Files.write(folder.resolve(name), bytes);
  }

  private static Path hexadecimal(String name) throws Exception {
    return Files.writeString(
        folder.resolve(name), HexFormat.of().formatHex(Files.readAllBytes(quote)) + "\n");
  }

  @Test
  void goodQuoteIsVerifiedWithAWarningAboutItsRoot() {
    CommandLineRun run = verify(quote);

    assertThat(run.status()).as(run.out() + run.err()).isZero();
    assertThat(run.out().lines().findFirst().orElseThrow())
        .startsWith(quote + ": verified, TCB UpToDate; the root is not Intel's");
    assertThat(run.out())
        .contains("MRTD", "TCB STATUS     UpToDate", "RTMR3")
        .containsPattern("AT +\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\n");
  }

  @Test
  void quoteInHexadecimalIsReadToo() throws Exception {
    assertThat(verify(hexadecimal("quote.hex")).status()).isZero();
  }

  @Test
  void jsonSaysTheSame() {
    CommandLineRun run = verify(quote, "--json");

    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("\"kind\" : \"swtdx.quoteVerdict\"", "\"verdict\" : \"verified\"")
        .contains("\"intelRoot\" : false", "\"status\" : \"UpToDate\"", "\"MRTD\" : ");
  }

  @Test
  void damagedQuoteIsRefusedOnTheFirstLine() throws Exception {
    CommandLineRun run = verify(damaged("damaged.dat"));

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out().lines().findFirst().orElseThrow())
        .contains("refused, QUOTE_SIGNATURE: signature of header and body is wrong");
  }

  @Test
  void otherRootIsRefused() {
    CommandLineRun run =
        CommandLineRun.of("quote", "verify", quote + "", "--collateral", bundle + "");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).contains("PCK_CHAIN: root of the PCK chain");
  }

  @Test
  void expiredCollateralIsRefused() {
    CommandLineRun run = verify(quote, "--at", "2035-01-01");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).contains("_VALIDITY: validity of the");
  }

  @Test
  void fileThatIsNoCollateralIsNamedOnce() {
    CommandLineRun run =
        CommandLineRun.of("quote", "verify", quote + "", "--collateral", quote + "");

    assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(run.err().strip())
        .isEqualTo("swtdx: " + quote + " is no collateral of a kind that is understood");
  }

  @Test
  void policyIsApplied() throws Exception {
    Path policy =
        Files.writeString(
            folder.resolve("policy.json"),
            "{\"version\":1,\"expected\":{\"mrTd\":\"" + "11".repeat(48) + "\"}}");

    CommandLineRun run = verify(quote, "--policy", policy);

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out())
        .contains("MEASUREMENT: MRTD is " + "00".repeat(48) + ", required is " + "11".repeat(48));
  }

  @Test
  void signaturesAloneAreJudgedOnlyOnDemand() {
    CommandLineRun without = CommandLineRun.of("quote", "verify", quote + "", "--root", root + "");
    CommandLineRun only =
        CommandLineRun.of("quote", "verify", quote + "", "--root", root + "", "--signatures-only");

    assertThat(without.status()).isEqualTo(2);
    assertThat(without.err()).contains("name it with --collateral PATH");
    assertThat(only.status()).isZero();
    assertThat(only.out()).contains("signatures only, TCB not judged");
  }

  @Test
  void manyQuotesGiveALineEachAndASum() throws Exception {
    Path many = Files.createDirectories(folder.resolve("many"));
    for (int i = 0; i < 200; i++) {
      Files.copy(quote, many.resolve("good%03d".formatted(i)));
    }
    Files.copy(damaged("d.dat"), many.resolve("good100x"));

    CommandLineRun run = verify(many);

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out().lines()).hasSize(201).filteredOn(l -> l.contains("refused")).hasSize(1);
    assertThat(run.out().lines().toList().get(101)).contains("good100x: refused");
    assertThat(run.err()).contains("200 verified, 1 refused");
  }

  @Test
  void streamOfHexadecimalLinesIsVerified() throws Exception {
    String line = Files.readString(hexadecimal("line.hex"));
    InputStream before = System.in;
    System.setIn(
        new ByteArrayInputStream((line + "\n" + line).getBytes(StandardCharsets.US_ASCII)));
    try {
      CommandLineRun run = verify("-", "--json");

      assertThat(run.status()).as(run.err()).isZero();
      assertThat(run.out().lines())
          .hasSize(2)
          .allMatch(text -> text.contains("\"verdict\":\"verified\""));
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void rawQuotesComeFromStandardInputOneBehindTheOther() throws Exception {
    byte[] good = Files.readAllBytes(quote);
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    stream.writeBytes(good);
    stream.writeBytes(new byte[70]); // as the guest's buffer has it
    stream.writeBytes(Files.readAllBytes(damaged("middle.dat")));
    stream.writeBytes(good);
    stream.writeBytes(Arrays.copyOf(good, 1000));
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(stream.toByteArray()));
    try {
      CommandLineRun run = verify("-");

      assertThat(run.status()).as(run.err()).isEqualTo(1);
      assertThat(run.out().lines().map(line -> line.replaceFirst("([a-z]),? .*", "$1")))
          .containsExactly("-:1: verified", "-:2: refused", "-:3: verified", "-:4: refused");
      assertThat(run.out()).contains("MALFORMED_QUOTE");
      assertThat(run.err()).contains("2 verified, 2 refused");
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void unusableInputIsExplainedInALine() throws Exception {
    Path text = Files.writeString(folder.resolve("words.txt"), "abc not a quote");
    Path policy = Files.writeString(folder.resolve("bad.json"), "{\"version\":1,\"allow\":1}");

    assertThat(verify(folder.resolve("absent")).err()).contains("does not exist");
    assertThat(verify(text).err()).contains("neither a raw quote nor hexadecimal");
    assertThat(verify(quote, "--policy", policy).err()).contains("unknown member allow");
    assertThat(verify(quote, "--at", "noon").err()).contains("is no time");
    assertThat(verify(quote, "--collateral", text).err()).contains("is no collateral");
    assertThat(verify(folder.resolve("absent")).status()).isEqualTo(2);
    assertThat(verify(text).status()).isEqualTo(2);
    assertThat(verify(quote, "--policy", policy).status()).isEqualTo(2);
  }

  @Test
  void quoteIsShownWithoutJudgement() {
    CommandLineRun text = CommandLineRun.of("quote", "show", quote + "");
    CommandLineRun json = CommandLineRun.of("quote", "show", "--json", quote + "");

    assertThat(text.status()).isZero();
    assertThat(text.out()).contains("MRTD", "FMSPC", "(NOT Intel's root)", "(not verified)");
    assertThat(json.out()).contains("\"verified\" : false", "\"TDATTRIBUTES\"");
    assertThat(CommandLineRun.of("quote", "show", bundle + "").status()).isEqualTo(2);
  }

  @Test
  void collateralIsShown() {
    CommandLineRun text = CommandLineRun.of("collateral", "show", bundle + "");
    CommandLineRun json = CommandLineRun.of("collateral", "show", "--json", bundle + "");

    assertThat(text.status()).as(text.err()).isZero();
    assertThat(text.out()).contains("TCB info TDX, FMSPC", "QE identity TD_QE", "revocation list");
    assertThat(json.out()).contains("\"kind\" : \"swtdx.collateral\"", "\"tcbLevels\"");
  }
}
