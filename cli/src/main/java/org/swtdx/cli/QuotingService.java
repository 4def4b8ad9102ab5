package org.swtdx.cli;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.mrtd.MeasurementOrder;
import org.swtdx.attestation.mrtd.MrtdCalculator;
import org.swtdx.attestation.quote.QuoteVerdict;
import org.swtdx.attestation.quote.QuoteVerifier;
import org.swtdx.attestation.quote.TdQuoteBody;
import org.swtdx.attestation.quoting.QuotingEnclave;
import org.swtdx.attestation.quoting.QuotingException;
import org.swtdx.attestation.tdvf.TdvfException;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.cpu.Platform;
import org.swtdx.vmm.Quoting;
import org.swtdx.vmm.RunResult;
import org.swtdx.vmm.VirtualMachineConfig;

/**
 * The host's quote generation service, and the check of what it gave out. Keys and certificates of
 * the test PKI come into being on a thread of their own while the TD is built.
 */
final class QuotingService implements Quoting {
  private static final HexFormat HEX = HexFormat.of();

  private final Platform platform;
  private final VirtualMachineConfig config;
  private final FutureTask<QuotingEnclave> enclave;
  private byte @Nullable [] last;
  private Map<String, String> atQuote = Map.of();

  QuotingService(Platform platform, VirtualMachineConfig config) {
    this.platform = platform;
    this.config = config;
    enclave =
        new FutureTask<>(
            () ->
                QuotingEnclave.create(
                    platform.reportMac()::verify,
                    platform.environment()::random64,
                    Instant.ofEpochMilli(platform.environment().wallClockMillis())));
  }

  /** Begins to make keys and certificates. */
  void prepare() {
    Thread.ofPlatform().daemon().name("quoting-enclave").start(enclave);
  }

  @Override
  public synchronized Reply quote(byte[] report) {
    try {
      enclave.run();
      byte[] quote = enclave.get().quote(report);
      last = quote;
      atQuote = platform.events().statements();
      return new Quote(quote);
    } catch (QuotingException e) {
      return new Failed(String.valueOf(e.getMessage()));
    } catch (ExecutionException e) {
      return new Failed("no keys could be made: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Failed("interrupted while keys were made");
    }
  }

  /** Checks the last quote against the TD that ran; empty when none was asked for. */
  synchronized Optional<QuoteCheck> check(RunResult result) {
    if (last == null) {
      return Optional.empty();
    }
    QuoteVerifier verifier = new QuoteVerifier(enclave.resultNow().root(), InstantSource.system());
    List<String> failures =
        switch (verifier.verify(last)) {
          case QuoteVerdict.Rejected rejected ->
              List.of(rejected.reason() + ": " + rejected.detail());
          case QuoteVerdict.Verified verified ->
              differences(verified.quote().td().orElseThrow(), result);
        };
    return Optional.of(new QuoteCheck(last.length, failures));
  }

  private List<String> differences(TdQuoteBody body, RunResult result) {
    List<String> failures = new ArrayList<>();
    compare(failures, "MRTD", HEX.formatHex(body.mrTd()), predictedMrtd());
    for (int i = 0; i < 4; i++) {
      String name = "RTMR" + i;
      compare(failures, name, HEX.formatHex(body.rtmr(i)), atQuote.getOrDefault(name, "unknown"));
    }
    compare(
        failures, "MRCONFIGID", HEX.formatHex(body.mrConfigId()), config.td().mrConfigId().hex());
    compare(failures, "MROWNER", HEX.formatHex(body.mrOwner()), config.td().mrOwner().hex());
    compare(
        failures,
        "MROWNERCONFIG",
        HEX.formatHex(body.mrOwnerConfig()),
        config.td().mrOwnerConfig().hex());
    compare(
        failures,
        "ATTRIBUTES",
        HEX.toHexDigits(body.tdAttributes()),
        HEX.toHexDigits(config.td().attributes()));
    compare(failures, "XFAM", HEX.toHexDigits(body.xfam()), HEX.toHexDigits(result.xfam()));
    return failures;
  }

  private String predictedMrtd() {
    try {
      TdvfImage image = TdvfImage.parse(config.firmware().image());
      return HEX.formatHex(MrtdCalculator.mrtd(image, MeasurementOrder.KVM));
    } catch (TdvfException e) {
      return "none (" + e.getMessage() + ")";
    }
  }

  private static void compare(List<String> failures, String name, String quoted, String expected) {
    if (!quoted.equals(expected)) {
      failures.add(name + " is " + quoted + " in the quote, expected " + expected);
    }
  }
}
