package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.seamcall.TdhMem;

/**
 * {@link ConversionTest} with private pages of 2 MiB: the guest gives them back whole or in pieces,
 * for which they are split while another vCPU runs, and what is still private stays as it was.
 */
@Timeout(3600)
class LargeConversionTest {
  private static final long LARGE = 1 << 21;
  private static final long BYTES = Long.getLong("swtdx.conversion.mib", 4) << 20;
  private static final int ROUNDS = Integer.getInteger("swtdx.conversion.rounds", 1);

  private final MemoryTrace trace = new MemoryTrace();

  @AutoClose
  private final TestHost machine =
      new TestHost(trace::wrap, Set.of(KvmExtension.LARGE_PRIVATE_PAGES));

  @AfterEach
  void nothingWasLogged() {
    assertThat(machine.host.kernelLog()).isEmpty();
  }

  @ParameterizedTest(name = "given back {0} bytes at once, private pages freed: {1}")
  @CsvSource({"2097152, true", "524288, false", "65536, true"})
  void aTdLosesNoByte(long piece, boolean discards) throws Exception {
    ConvertingGuest.Shape shape = new ConvertingGuest.Shape(2, BYTES, LARGE, ROUNDS);

    ConversionTest.runToTheEnd(
        new ConvertingTd(machine, shape, ConvertingTd.Mode.CONVERT, discards, piece));

    long blocks = BYTES / LARGE;
    assertThat(trace.takeLargeAugmentations()).isGreaterThanOrEqualTo((int) blocks);
    assertThat(trace.count(TdhMem.PAGE_DEMOTE) > 0).isEqualTo(piece < LARGE);
  }
}
