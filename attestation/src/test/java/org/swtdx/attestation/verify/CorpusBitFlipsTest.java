package org.swtdx.attestation.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.swtdx.attestation.collateral.CollateralBundle;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.verify.Verdict.Accepted;
import org.swtdx.attestation.verify.Verdict.Refused;

/**
 * Every single bit of a real quote, signed by Intel's PCK chain, matters: whichever is flipped, the
 * quote is refused, and for what stands at that place. The verifier is kept, so that a flip costs
 * the one signature that it breaks. Of the PCK chain, whose flips cost most, the eight bits of a
 * byte are taken in turn, one of each byte; all of them with {@code -Dswtdx.everyBit=true}.
 */
final class CorpusBitFlipsTest {
  private static final String QUOTE = "Phala-Network_dcap-qvl/tdx_quote";
  private static final String COLLATERAL = "Phala-Network_dcap-qvl/tdx_quote_collateral.json";
  private static final String PCK_CHAIN = "PCK chain";
  private static final Instant WITHIN = Instant.parse("2025-07-01T00:00:00Z");

  /** Bytes that stand for one thing, and what a flip in them is refused as. */
  private record Region(String name, int from, int to, Set<Reason> reasons) {}

  /** Lays the regions of a quote of version 4 end to end. */
  private static final class Layout {
    private final ByteBuffer quote;
    private final List<Region> regions = new ArrayList<>();
    private int at;

    Layout(byte[] quote) {
      this.quote = ByteBuffer.wrap(quote).order(ByteOrder.LITTLE_ENDIAN);
    }

    Layout then(String name, int size, Reason first, Reason... others) {
      regions.add(new Region(name, at, at + size, EnumSet.of(first, others)));
      at += size;
      return this;
    }

    List<Region> regions() {
      then("version, key type and TEE type", 8, Reason.MALFORMED_QUOTE);
      then("SVNs of QE and PCE", 4, Reason.QUOTE_SIGNATURE);
      then("QE vendor ID", 16, Reason.QE_VENDOR);
      then("user data and TD report", 20 + 584, Reason.QUOTE_SIGNATURE);
      then("size of the signature section", 4, Reason.MALFORMED_QUOTE);
      then("signature of header and body", 64, Reason.QUOTE_SIGNATURE);
      then("attestation key", 64, Reason.ATTESTATION_KEY_BINDING);
      then("type and size of the outer certification", 6, Reason.MALFORMED_QUOTE);
      then("QE report and its signature", 384 + 64, Reason.QE_REPORT_SIGNATURE);
      int authentication = quote.getShort(at);
      then("size of the authentication data", 2, Reason.MALFORMED_QUOTE);
      then("authentication data", authentication, Reason.ATTESTATION_KEY_BINDING);
      int chain = quote.getInt(at + 2);
      then("type and size of the inner certification", 6, Reason.MALFORMED_QUOTE);
      then(PCK_CHAIN, chain, Reason.PCK_CHAIN);
      return regions;
    }
  }

  @TestFactory
  Stream<DynamicTest> everyFlippedBitIsRefusedForWhatItIsPartOf() throws Exception {
    if (!Corpus.isPresent()) {
      return Stream.empty();
    }
    byte[] file = Corpus.bytes(QUOTE);
    byte[] quote = Arrays.copyOf(file, Quote.parse(file).length());
    QuoteVerifier verifier =
        QuoteVerifier.builder()
            .collateral(CollateralBundle.parse(Corpus.bytes(COLLATERAL)))
            .build();
    assertThat(verifier.verify(quote, WITHIN)).isInstanceOf(Accepted.class);

    List<Region> regions = new Layout(quote).regions();

    assertThat(regions.getLast().to()).isEqualTo(quote.length);
    return regions.stream()
        .map(
            region ->
                DynamicTest.dynamicTest(
                    region.name(), () -> assertThat(wrong(region, quote, verifier)).isEmpty()));
  }

  private static List<String> wrong(Region region, byte[] quote, QuoteVerifier verifier) {
    boolean all = Boolean.getBoolean("swtdx.everyBit") || !region.name().equals(PCK_CHAIN);
    return IntStream.range(8 * region.from(), 8 * region.to())
        .filter(bit -> all || bit / 8 % 8 == bit % 8)
        .parallel()
        .mapToObj(
            bit -> {
              Verdict verdict = verifier.verify(QuoteVerifierTest.flipped(quote, bit), WITHIN);
              return verdict instanceof Refused refused
                      && region.reasons().contains(refused.first().reason())
                  ? ""
                  : "bit " + bit % 8 + " of byte " + bit / 8 + ": " + verdict;
            })
        .filter(text -> !text.isEmpty())
        .toList();
  }
}
