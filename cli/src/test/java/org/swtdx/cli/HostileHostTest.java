package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.swtdx.embedded.EmbeddedTd;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.HostView;
import org.swtdx.memory.Hpa;
import org.swtdx.vmm.Firmware;
import org.swtdx.vmm.LaunchListener;
import org.swtdx.vmm.LaunchServices;
import org.swtdx.vmm.Outcome;
import org.swtdx.vmm.Phase;
import org.swtdx.vmm.RunResult;
import org.swtdx.vmm.VirtualMachine;
import org.swtdx.vmm.VirtualMachineConfig;
import org.swtdx.vmm.VmmException;
import org.swtdx.vmm.console.Console;

/** What a host can do to a TD's memory: see ciphertext, and be found out. */
class HostileHostTest {
  private static final int PAGE = 4096;
  private static final byte[] SECRET =
      "Hello from inside a Trust Domain".getBytes(StandardCharsets.US_ASCII);

  @Test
  void theHostNeverSeesWhatATdHolds() throws VmmException {
    int[] found = {0, 0};
    try (HostMachine machine = new HostMachine(128L << 20, 1)) {
      assertThat(occurrences(EmbeddedTd.image())).isPositive();

      run(
          machine,
          new LaunchListener() {
            @Override
            public void began(Phase phase) {
              if (phase == Phase.RUN) {
                scan(machine, found);
              }
            }
          });
    }
    // The VMM's own copy of the image, from which the pages were added, is all there is to see.
    assertThat(found[0]).isPositive();
    assertThat(found[1]).isLessThanOrEqualTo(occurrences(EmbeddedTd.image()));
  }

  @Test
  void aTdStopsWhenTheHostHasChangedItsMemory() throws VmmException {
    try (HostMachine machine = new HostMachine(128L << 20, 1)) {
      ByteArrayOutputStream console = new ByteArrayOutputStream();
      RunResult result =
          run(
              machine,
              console,
              new LaunchListener() {
                @Override
                public void began(Phase phase) {
                  if (phase == Phase.RUN) {
                    overwriteCiphertext(machine);
                  }
                }
              });

      assertThat(result.outcome()).isInstanceOfAny(Outcome.KvmFailure.class, Outcome.VmDead.class);
      assertThat(result.outcome().exitStatus()).isEqualTo(ExitStatus.FAILED);
      assertThat(console.size()).as("the TD executed nothing it could have printed").isZero();
      assertThat(machine.kvm().outstandingFrames()).isZero();
      assertThat(machine.kvm().outstandingKeyIds()).isZero();
    }
  }

  private static RunResult run(HostMachine machine, LaunchListener listener) throws VmmException {
    return run(machine, new ByteArrayOutputStream(), listener);
  }

  private static RunResult run(
      HostMachine machine, ByteArrayOutputStream console, LaunchListener listener)
      throws VmmException {
    return new VirtualMachine(
            machine.kvm(),
            VirtualMachineConfig.td(Firmware.of("the built-in TD", EmbeddedTd.image()), 128L << 20),
            LaunchServices.of(Console.of(console)).withListener(listener))
        .run();
  }

  /** Counts the pages that were in use, and the sightings of what the TD will print. */
  private static void scan(HostMachine machine, int[] found) {
    HostView host = machine.platform().memory().host();
    byte[] page = new byte[PAGE];
    for (Cmr cmr : machine.platform().memory().cmrs()) {
      for (long at = 0; at < cmr.size(); at += PAGE) {
        Hpa hpa = cmr.base().plus(at);
        if (host.read64(hpa) != 0 || host.read64(hpa.plus(PAGE / 2)) != 0) {
          host.read(hpa, page, 0, PAGE);
          found[0]++;
          found[1] += occurrences(page);
        }
      }
    }
  }

  /** Flips one bit per line of whatever is ciphertext; the host's own tables stay as they are. */
  private static void overwriteCiphertext(HostMachine machine) {
    HostView host = machine.platform().memory().host();
    byte[] page = new byte[PAGE];
    for (Cmr cmr : machine.platform().memory().cmrs()) {
      for (long at = 0; at < cmr.size(); at += PAGE) {
        Hpa hpa = cmr.base().plus(at);
        if (host.read64(hpa) == 0) {
          continue;
        }
        host.read(hpa, page, 0, PAGE);
        if (looksRandom(page)) {
          for (int line = 0; line < PAGE; line += 64) {
            host.write8(hpa.plus(line), page[line] ^ 1);
          }
        }
      }
    }
  }

  /** Whether no byte value is much more frequent in the page than chance would have it. */
  private static boolean looksRandom(byte[] page) {
    int[] counts = new int[256];
    for (byte b : page) {
      counts[b & 0xff]++;
    }
    return Arrays.stream(counts).max().orElseThrow() < 64;
  }

  private static int occurrences(byte[] bytes) {
    int count = 0;
    for (int i = 0; i + SECRET.length <= bytes.length; i++) {
      int matched = 0;
      while (matched < SECRET.length && bytes[i + matched] == SECRET[matched]) {
        matched++;
      }
      if (matched == SECRET.length) {
        count++;
      }
    }
    return count;
  }
}
