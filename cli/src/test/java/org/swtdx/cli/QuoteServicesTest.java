package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Quotes and collateral over sockets, from command to command. */
class QuoteServicesTest {
  private static final String FMSPC = "535754445800";

  @TempDir private Path folder;
  private String keys;
  private Path quote;
  private Path root;

  @BeforeEach
  void makeAQuote() {
    keys = folder.resolve("pki").toString();
    quote = folder.resolve("quote.dat");
    root = folder.resolve("root.der");
    run("quote", "make", "--pki", keys, "--out", quote.toString());
    run("pki", "root", "--pki", keys, "--der", "--out", root.toString());
  }

  private static CommandLineRun run(String... args) {
    CommandLineRun run = CommandLineRun.of(args);
    assertThat(run.status()).as(run.err()).isZero();
    return run;
  }

  private PccsServer pccs() throws Exception {
    PkiOption option = new PkiOption();
    new CommandLine(option).parseArgs("--pki", keys);
    InstalledPki installed = InstalledPki.open(option, new PrintWriter(new StringWriter(), true));
    return new PccsServer(installed, installed.pki(), InstantSource.system(), 0, _ -> {});
  }

  private static String url(PccsServer server) {
    return "http://localhost:" + server.port() + "/sgx/certification/v4/";
  }

  private CommandLineRun verify(PccsServer server) {
    return CommandLineRun.of(
        "quote",
        "verify",
        quote.toString(),
        "--root",
        root.toString(),
        "--pccs",
        url(server),
        "--no-cache");
  }

  @Test
  void relyingPartySeesWhatHappensToThePlatform() throws Exception {
    try (PccsServer server = pccs()) {
      assertThat(verify(server).status()).as(verify(server).toString()).isZero();

      run("pki", "lower", "--pki", keys);
      assertThat(verify(server).out()).contains("TCB_STATUS", "OutOfDate", "SWTDX-TEST-00001");
      run("pki", "revoke", "--pki", keys);
      CommandLineRun refused = verify(server);
      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.out()).contains("REVOKED", "Intel SGX PCK Certificate");
      run("pki", "reset", "--pki", keys);
      run("pki", "dates", "--pki", keys, "--issued", "2020-01-01T00:00:00Z");
      assertThat(verify(server).out()).contains("COLLATERAL_VALIDITY", "2020-01-31T00:00:00Z");
    }
  }

  @Test
  void fetchedCollateralVerifiesOffline() throws Exception {
    Path bundle = folder.resolve("bundle.json");
    Path parts = Files.createDirectory(folder.resolve("parts"));
    String cache = folder.resolve("cache").toString();
    String address;
    try (PccsServer server = pccs()) {
      address = url(server);
      run(
          "collateral",
          "fetch",
          "--quote",
          "" + quote,
          "--pccs",
          address,
          "--cache",
          cache,
          "--out",
          "" + bundle);
      run(
          "collateral",
          "fetch",
          "--fmspc",
          FMSPC,
          "--pccs",
          address,
          "--cache",
          cache,
          "--out",
          "" + parts);
    }

    for (Path collateral : new Path[] {bundle, parts}) {
      run("quote", "verify", "" + quote, "--root", "" + root, "--collateral", "" + collateral);
    }
    run(
        "quote",
        "verify",
        "" + quote,
        "--root",
        "" + root,
        "--pccs",
        address,
        "--offline",
        "--cache",
        cache);
  }

  @Test
  void failuresToFetchAreOneLine() throws Exception {
    String out = folder.resolve("out").toString();
    try (PccsServer server = pccs()) {
      CommandLineRun other =
          CommandLineRun.of(
              "collateral",
              "fetch",
              "--fmspc",
              "00806f050000",
              "--pccs",
              url(server),
              "--no-cache",
              "--out",
              out);
      assertThat(other.status()).isEqualTo(2);
      assertThat(other.err()).contains("00806f050000", "status 404").hasLineCount(1);
    }
    for (String[] wrong :
        new String[][] {
          {"--fmspc", "12", "12 hex digits"},
          {"--fmspc", FMSPC, "--pccs", "nonsense", "no address of a service"},
          {"--fmspc", FMSPC, "--offline", "--cache", out, "the cache has no TCB info"},
          {"--quote", "/nowhere", "does not exist"},
        }) {
      String[] base = {"collateral", "fetch", "--out", out};
      String[] all = java.util.Arrays.copyOf(base, base.length + wrong.length - 1);
      System.arraycopy(wrong, 0, all, base.length, wrong.length - 1);
      CommandLineRun run = CommandLineRun.of(all);
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.err()).contains(wrong[wrong.length - 1]).doesNotContain("internal error");
    }
  }

  @Test
  void aRunIsQuotedByAServiceInAnotherPlace() throws Exception {
    Path socket = folder.resolve("qgs.socket");
    StringWriter talk = new StringWriter();
    Thread service =
        Thread.ofPlatform()
            .start(
                () -> {
                  CommandLine line = Swtdx.commandLine();
                  line.setErr(new PrintWriter(talk, true));
                  line.execute("qgs", "--pki", keys, "--socket", "" + socket, "--port", "0", "-v");
                });
    try {
      while (!talk.toString().contains("127.0.0.1")) {
        assertThat(service.isAlive()).as(talk.toString()).isTrue();
        Thread.sleep(20);
      }
      CommandLineRun run =
          run(
              "run",
              "--memory",
              "128M",
              "--serial",
              "null",
              "--pki",
              keys,
              "--qgs",
              "" + socket,
              "--quote",
              "" + quote);

      assertThat(run.err()).contains("quote          verified");
      assertThat(talk.toString()).contains("GET_QUOTE_REQUEST answered");
      Matcher port = Pattern.compile("127\\.0\\.0\\.1:(\\d+)").matcher(talk.toString());
      assertThat(port.find()).isTrue();
    } finally {
      service.interrupt();
      service.join();
    }
    assertThat(socket).doesNotExist();
  }

  @Test
  void aRunWithoutItsServiceSaysSo() {
    CommandLineRun run =
        CommandLineRun.of(
            "run",
            "--memory",
            "128M",
            "--serial",
            "null",
            "--pki",
            keys,
            "--qgs",
            folder.resolve("nobody").toString());

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .contains("no quote for the guest: the quote generation service does not answer");
  }

  @Test
  void twoServicesCannotHaveOneSocket() throws Exception {
    Path taken = Files.writeString(folder.resolve("taken"), "a file");

    CommandLineRun run = CommandLineRun.of("qgs", "--pki", keys, "--socket", taken.toString());

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("cannot serve quotes", "name another place");
    assertThat(taken).hasContent("a file");
  }
}
