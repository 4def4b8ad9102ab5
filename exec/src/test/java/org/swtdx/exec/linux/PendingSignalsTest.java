package org.swtdx.exec.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class PendingSignalsTest {
  private static final String STATUS =
      "Name:\tx\nState:\tS (sleeping)\nSigPnd:\t0000000000000200\nShdPnd:\t8000000000000000\n"
          + "SigBlk:\t0000000000000001\n";

  @Test
  void setsAreReadAsTheKernelWritesThem() {
    assertThat(PendingSignals.mask(STATUS, "\nSigPnd:\t")).isEqualTo(1L << 9);
    assertThat(PendingSignals.mask(STATUS, "\nShdPnd:\t")).isEqualTo(1L << 63);
    assertThat(PendingSignals.mask(STATUS, "\nSigIgn:\t")).isZero();
    assertThat(PendingSignals.mask("", "\nSigPnd:\t")).isZero();
    assertThat(PendingSignals.mask("x\nSigPnd:\t00", "\nSigPnd:\t")).isZero();
  }

  @Test
  void anIgnoredSignalIsNotPending() {
    String chld =
        "\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000010000\nSigBlk:\t0000000000000000\n";
    String none = "0000000000000000";
    String set = "0000000000010000";

    assertThat(ofInterest(chld + "SigIgn:\t" + none + "\nSigCgt:\t" + none)).isZero();
    assertThat(ofInterest(chld + "SigIgn:\t" + set + "\nSigCgt:\t" + none)).isZero();
    assertThat(ofInterest(chld + "SigIgn:\t" + none + "\nSigCgt:\t" + set)).isEqualTo(1L << 16);
    assertThat(ofInterest(STATUS)).isEqualTo(1L << 9 | 1L << 63);
  }

  @Test
  void aMaskOfTheCallStandsForTheThreads() {
    String usr1 = "\nSigPnd:\t0000000000000200\nShdPnd:\t0000000000000000\nSigBlk:\t";
    String none = "0000000000000000\n";
    String set = "0000000000000200\n";
    OptionalLong all = OptionalLong.of(0);
    OptionalLong others = OptionalLong.of(1L << 9);

    assertThat(ofInterest(usr1 + set + "SigIgn:\t" + none)).isZero();
    assertThat(PendingSignals.ofInterest(usr1 + set + "SigIgn:\t" + none, all)).isEqualTo(1L << 9);
    assertThat(PendingSignals.ofInterest(usr1 + none + "SigIgn:\t" + none, others)).isZero();
    assertThat(PendingSignals.ofInterest(usr1 + set + "SigIgn:\t" + set, all))
        .as("ignored but blocked: it is kept")
        .isEqualTo(1L << 9);
    assertThat(PendingSignals.ofInterest(usr1 + none + "SigIgn:\t" + set, all)).isZero();
  }

  private static long ofInterest(String status) {
    return PendingSignals.ofInterest(status, OptionalLong.empty());
  }

  @Test
  void aBlockedSignalIsNotPendingAnUnblockedOneIs() throws Exception {
    assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
    Process asleep = new ProcessBuilder("/bin/sleep", "60").start();
    int pid = (int) asleep.pid();
    try (PendingSignals signals = new PendingSignals(pid, pid)) {
      assertThat(signals.arePending(OptionalLong.empty())).isFalse();
      assertThat(signals.isStale()).isFalse();
      assertThat(signals.isStopping()).isFalse();

      Syscall.call(Syscall.KILL, pid, 19); // SIGSTOP
      while (!signals.isStopping()) {
        Thread.onSpinWait();
      }
      Syscall.call(Syscall.KILL, pid, Signals.TERM);
      assertThat(signals.arePending(OptionalLong.empty()))
          .as("a stopped process does not take it")
          .isTrue();

      Syscall.call(Syscall.KILL, pid, 18); // SIGCONT
      asleep.waitFor();
      assertThat(signals.arePending(OptionalLong.empty())).isFalse();
      assertThat(signals.isStale()).isTrue();
    } finally {
      asleep.destroyForcibly();
    }
  }
}
