package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.swtdx.vmm.Firmware;
import org.swtdx.vmm.IrqchipMode;
import org.swtdx.vmm.LaunchListener;
import org.swtdx.vmm.LaunchServices;
import org.swtdx.vmm.Outcome;
import org.swtdx.vmm.Phase;
import org.swtdx.vmm.VirtualMachine;
import org.swtdx.vmm.VirtualMachineConfig;
import org.swtdx.vmm.VmType;
import org.swtdx.vmm.VmmException;
import org.swtdx.vmm.console.Console;
import org.swtdx.vmm.console.ConsoleInput;
import org.swtdx.vmm.console.OutputMatcher;

/**
 * Ordinary VMs, one with interrupt controllers in the kernel and one without, and a Trust Domain
 * boot the same firmware on one host at the same time.
 */
class SideBySideTest {
  private static final int GUESTS = 3;

  private final CountDownLatch running = new CountDownLatch(GUESTS);

  /** Somebody who presses a key instead of waiting for the countdown of the shell. */
  private static final class Typist implements Console {
    private final OutputMatcher countdown =
        new OutputMatcher(Pattern.compile("any other key to continue"));
    private volatile @Nullable ConsoleInput keyboard;
    private boolean pressed;

    @Override
    public void start(ConsoleInput input) {
      keyboard = input;
    }

    @Override
    public void output(byte[] bytes, int offset, int length) {
      ConsoleInput to = keyboard;
      if (!pressed && to != null && countdown.feed(bytes, offset, length).isPresent()) {
        pressed = true;
        to.type(new byte[] {'\r'}, 0, 1);
      }
    }
  }

  private Outcome boot(HostMachine host, VirtualMachineConfig config) throws VmmException {
    LaunchListener all =
        new LaunchListener() {
          @Override
          public void began(Phase phase) {
            if (phase == Phase.RUN) {
              running.countDown();
              try {
                running.await(); // none is done before the others run
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }
          }
        };
    try {
      return new VirtualMachine(
              host.kvm(), config, LaunchServices.of(new Typist()).withListener(all))
          .run()
          .outcome();
    } finally {
      running.countDown(); // a launch that failed doesn't hold the others up
    }
  }

  @Test
  void allReachTheShell() throws Exception {
    Firmware ovmf = Firmware.of("OVMF.fd", Files.readAllBytes(DebianOvmf.require()));
    // This firmware waits for as many CPUs as the host has.
    VirtualMachineConfig td =
        VirtualMachineConfig.td(ovmf, 512L << 20)
            .withCpus(2)
            .withUntil(Pattern.compile("Shell>"))
            .withTimeout(Duration.ofMinutes(5));
    VirtualMachineConfig ordinary = td.withType(VmType.DEFAULT).withCpus(1);
    List<VirtualMachineConfig> guests =
        List.of(td, ordinary.withIrqchip(IrqchipMode.ON), ordinary.withIrqchip(IrqchipMode.SPLIT));

    try (HostMachine host = new HostMachine(2L << 30, 2);
        ExecutorService threads = Executors.newFixedThreadPool(GUESTS)) {
      List<Future<Outcome>> boots =
          guests.stream().map(config -> threads.submit(() -> boot(host, config))).toList();

      for (Future<Outcome> boot : boots) {
        assertThat(boot.get()).isEqualTo(new Outcome.Matched("Shell>"));
      }
      assertThat(host.kvm().outstandingFrames()).isZero();
      assertThat(host.kvm().outstandingKeyIds()).isZero();
    }
  }
}
