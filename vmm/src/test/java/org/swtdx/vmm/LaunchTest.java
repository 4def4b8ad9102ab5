package org.swtdx.vmm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.kvm.KvmHost;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.vmm.console.Console;

class LaunchTest {
  private static final long MIB = 1 << 20;
  private static PhysicalMemory memory;
  private static KvmHost host;

  private final ByteArrayOutputStream console = new ByteArrayOutputStream();
  private final List<String> heard = new ArrayList<>();

  @BeforeAll
  static void startHost() {
    memory =
        PhysicalMemory.create(
            PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), 1024 * MIB)));
    host =
        KvmHost.start(
            new Platform(memory, Environment.system(2_000_000_000L), new PlatformEvents(), 1, 2));
    assertThat(host.tdxUnavailable()).isEmpty();
  }

  @AfterAll
  static void releaseMemory() {
    memory.close();
  }

  @AfterEach
  void everythingIsGivenBack() {
    assertThat(host.outstandingFrames()).isZero();
    assertThat(host.outstandingKeyIds()).isZero();
  }

  private static VirtualMachineConfig config(Firmware firmware) {
    return VirtualMachineConfig.td(firmware, 64 * MIB).withTimeout(Duration.ofSeconds(60));
  }

  private LaunchServices services() {
    return LaunchServices.of(Console.of(console))
        .withListener(
            new LaunchListener() {
              @Override
              public void began(Phase phase) {
                heard.add(phase.label());
              }

              @Override
              public void converted(long gpa, long pages, boolean toPrivate) {
                heard.add("%x+%d %s".formatted(gpa, pages, toPrivate ? "private" : "shared"));
              }
            });
  }

  private RunResult run(VirtualMachineConfig config) throws VmmException {
    return new VirtualMachine(host, config, services()).run();
  }

  @Test
  void tdPrintsAndPowersOff() throws Exception {
    RunResult result = run(config(new ScriptTd().print("hello\n").powerOff().firmware()));

    assertThat(result.outcome()).isEqualTo(new Outcome.PoweredOff());
    assertThat(console.toString(US_ASCII)).isEqualTo("hello\n");
    assertThat(result.pagesAdded()).isEqualTo(4 + 2 + 1);
    assertThat(result.pagesMeasured()).isEqualTo(4);
    assertThat(result.phaseNanos().keySet()).containsExactly(Phase.values());
    assertThat(heard)
        .containsExactly(
            "create", "init", "vcpus", "memory", "pages", "finalize", "run", "teardown");
  }

  @Test
  void matchingOutputEndsTheRun() throws Exception {
    Firmware firmware = new ScriptTd().print("boot\r\nlogin: ").firmware();

    RunResult result = run(config(firmware).withUntil(Pattern.compile("log[i]n:")));

    assertThat(result.outcome()).isEqualTo(new Outcome.Matched("login:"));
  }

  @Test
  void resetEndsTheRun() throws Exception {
    Firmware firmware = new ScriptTd().out(0xcf9, 1, 2).out(0xcf9, 1, 6).firmware();

    assertThat(run(config(firmware)).outcome()).isEqualTo(new Outcome.Reset("port 0xcf9"));
  }

  @Test
  void fatalErrorIsDecoded() throws Exception {
    Firmware firmware = new ScriptTd().fatal(0x20000, "no memory at all").firmware();

    assertThat(run(config(firmware)).outcome())
        .isEqualTo(new Outcome.FatalError(0x20000, "no memory at all", OptionalLong.empty()));
  }

  @Test
  void convertedPagesAreCounted() throws Exception {
    Firmware firmware =
        new ScriptTd()
            .mapShared(0x1000000, 0x400000)
            .mapPrivate(0x1000000, 0x1000)
            .mapShared(0xc0000000L, 0x200000)
            .powerOff()
            .firmware();

    RunResult result = run(config(firmware));

    assertThat(result.outcome()).isEqualTo(new Outcome.PoweredOff());
    assertThat(result.sharedPages()).isEqualTo(1023);
    assertThat(result.privatePages())
        .as("only pages with memory behind them, not all that may be private")
        .isBetween(1L, result.pagesAdded() + 16);
    assertThat(heard)
        .contains("1000000+512 shared", "1200000+512 shared", "1000000+1 private")
        .doesNotContain("c0000000+512 shared");
  }

  @Test
  void spinningTdRunsOutOfTime() throws Exception {
    VirtualMachineConfig config =
        config(ScriptTd.resetVector("ebfe")).withTimeout(Duration.ofMillis(200));

    assertThat(run(config).outcome()).isEqualTo(new Outcome.TimedOut(0.2));
  }

  @Test
  void faultWithoutHandlerIsTripleFault() throws Exception {
    assertThat(run(config(ScriptTd.resetVector("0f0b"))).outcome())
        .isEqualTo(new Outcome.TripleFault(0));
  }

  @Test
  void accessToAnUnacceptedPageKillsTheVm() throws Exception {
    Outcome outcome = run(config(ScriptTd.resetVector("a100000001"))).outcome();

    assertThat(outcome).isInstanceOf(Outcome.VmDead.class);
    assertThat(outcome.describe()).contains("1000000");
    assertThat(outcome.exitStatus()).isEqualTo(1);
  }

  @Test
  void quittingEndsTheRun() throws Exception {
    AtomicReference<VirtualMachine> machine = new AtomicReference<>();
    LaunchListener quitter =
        new LaunchListener() {
          @Override
          public void began(Phase phase) {
            if (phase == Phase.RUN) {
              machine.get().quit();
            }
          }
        };
    machine.set(
        new VirtualMachine(
            host, config(ScriptTd.resetVector("ebfe")), services().withListener(quitter)));

    assertThat(machine.get().run().outcome()).isEqualTo(new Outcome.Quit());
  }

  @Test
  void everyCpuStartsAtTheResetVector() throws Exception {
    Firmware firmware = new ScriptTd().print("x").firmware();

    RunResult result = run(config(firmware).withCpus(2).withUntil(Pattern.compile("xx")));

    assertThat(result.outcome()).isEqualTo(new Outcome.Matched("xx"));
  }

  @Test
  void unusableInputIsNamed() {
    Firmware broken = Firmware.of("broken.fd", new byte[8192]);
    assertInputError(
        VirtualMachineConfig.td(broken, 64 * MIB), "broken.fd: firmware image has no TDX metadata");

    VirtualMachineConfig good = config(ScriptTd.resetVector("ebfe"));
    assertInputError(good.withCpus(64), "64 CPUs: KVM allows 2 here");
    TdParameters debug = new TdParameters(1, Digest384.ZERO, Digest384.ZERO, Digest384.ZERO);
    assertInputError(good.withTd(debug), "KVM doesn't offer TD attributes debug");
    assertInputError(
        VirtualMachineConfig.td(wide(), 16 * MIB),
        "section 1 (TD_HOB) at 0x1009000..0x100b000 lies outside the machine's memory");
  }

  private static Firmware wide() {
    byte[] image = ScriptTd.resetVector("ebfe").image();
    java.nio.ByteBuffer.wrap(image)
        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .putLong(0x3800 + 16 + 32 + 8, 0x1009000);
    return Firmware.of("wide.fd", image);
  }

  private void assertInputError(VirtualMachineConfig config, String words) {
    VmmException e = catchThrowableOfType(VmmException.class, () -> run(config));
    assertThat(e).isNotNull();
    assertThat(e.kind()).isEqualTo(VmmException.Cause.INPUT);
    assertThat(e.getMessage()).contains(words).doesNotContain("\n");
  }
}
