package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
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

/** An ordinary VM and a Trust Domain boot the same firmware on one host at the same time. */
class SideBySideTest {
  private final CountDownLatch running = new CountDownLatch(2);

  private Outcome boot(HostMachine host, VirtualMachineConfig config) throws VmmException {
    LaunchListener both =
        new LaunchListener() {
          @Override
          public void began(Phase phase) {
            if (phase == Phase.RUN) {
              running.countDown();
              try {
                running.await(); // neither is done before the other runs
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }
          }
        };
    LaunchServices services =
        LaunchServices.of(Console.of(new ByteArrayOutputStream())).withListener(both);
    try {
      return new VirtualMachine(host.kvm(), config, services).run().outcome();
    } finally {
      running.countDown(); // a launch that failed doesn't hold the other one up
    }
  }

  @Test
  void bothReachTheShell() throws Exception {
    Firmware ovmf = Firmware.of("OVMF.fd", Files.readAllBytes(DebianOvmf.require()));
    // This firmware waits for as many CPUs as the host has.
    VirtualMachineConfig td =
        VirtualMachineConfig.td(ovmf, 512L << 20)
            .withCpus(2)
            .withUntil(Pattern.compile("Shell>"))
            .withTimeout(Duration.ofMinutes(5));
    VirtualMachineConfig ordinary =
        td.withType(VmType.DEFAULT).withCpus(1).withIrqchip(IrqchipMode.ON);

    try (HostMachine host = new HostMachine(1L << 30, 2);
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<Outcome> first = threads.submit(() -> boot(host, td));
      Future<Outcome> second = threads.submit(() -> boot(host, ordinary));

      assertThat(first.get()).isEqualTo(new Outcome.Matched("Shell>"));
      assertThat(second.get()).isEqualTo(new Outcome.Matched("Shell>"));
      assertThat(host.kvm().outstandingFrames()).isZero();
      assertThat(host.kvm().outstandingKeyIds()).isZero();
    }
  }
}
