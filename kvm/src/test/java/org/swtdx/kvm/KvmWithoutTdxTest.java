package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.exit;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENOTTY;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmVmType;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.seamcall.Leaf;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdhSys;
import org.swtdx.seamcall.TdxPlatform;
import org.swtdx.seamcall.port.SeamProvider;

/** KVM on machines whose TDX module is missing, or did not come up: everything else works. */
class KvmWithoutTdxTest {
  /** How a machine without TDX is started, and what it says of that. */
  private record Machine(Function<Platform, KvmHost> start, String reason) {}

  static Stream<Arguments> machines() {
    return Stream.of(
        Arguments.of(
            Named.of(
                "no module", new Machine(KvmWithoutTdxTest::absent, "there is no TDX module"))),
        Arguments.of(
            Named.of(
                "TDH.SYS.INIT refuses",
                new Machine(p -> refusing(p, TdhSys.INIT), "TDH.SYS.INIT: TDX_SYS_NOT_READY"))),
        Arguments.of(
            Named.of(
                "TDH.SYS.KEY.CONFIG refuses",
                new Machine(p -> refusing(p, TdhSys.KEY_CONFIG), "TDH.SYS.KEY.CONFIG"))));
  }

  /** Hides the module from the service loader. */
  private static KvmHost absent(Platform platform) {
    Thread thread = Thread.currentThread();
    ClassLoader loader = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    try {
      return KvmHost.start(platform);
    } finally {
      thread.setContextClassLoader(loader);
    }
  }

  private static KvmHost refusing(Platform platform, Leaf leaf) {
    SeamTrace trace = new SeamTrace();
    trace.answer(leaf, StatusCode.SYS_NOT_READY, Integer.MAX_VALUE);
    SeamProvider module =
        java.util.ServiceLoader.load(SeamProvider.class).findFirst().orElseThrow();
    return KvmHost.start(
        platform,
        TdxPlatform.bringUp(platform, trace.before(module.load(platform))),
        java.util.Set.of());
  }

  private interface Check {
    void run(TestHost machine) throws Exception;
  }

  private static void on(Machine machine, Check check) throws Exception {
    PhysicalMemory memory =
        PhysicalMemory.create(
            new PhysicalAddressLayout(52, 6, 31, 4), List.of(new Cmr(new Hpa(0), 1L << 30)));
    Platform platform =
        new Platform(memory, Environment.system(1_000_000_000L), new PlatformEvents(), 1, 2);
    try (TestHost host = new TestHost(platform, machine.start.apply(platform))) {
      check.run(host);
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void tdsAreNotOffered(Machine kind) throws Exception {
    on(
        kind,
        machine -> {
          VmmProcess process = machine.newProcess();
          Kvm kvm = process.openKvm();

          assertThat(kvm.createVm(KvmVmType.TDX)).isEqualTo(-EINVAL);
          assertThat(kvm.checkExtension(KvmCap.VM_TYPES)).isEqualTo(3);
          assertThat(kvm.getApiVersion()).isEqualTo(12);
          assertThat(kvm.checkExtension(KvmCap.MEMORY_ATTRIBUTES)).isEqualTo(8);
          assertThat(kvm.checkExtension(KvmCap.GUEST_MEMFD)).isEqualTo(1);
          assertThat(machine.host.tdxModuleVersion()).isEmpty();
          assertThat(machine.host.tdxUnavailable().orElse("")).contains(kind.reason);
        });
  }

  @ParameterizedTest
  @MethodSource("machines")
  void noVmKnowsTdxCommands(Machine kind) throws Exception {
    on(
        kind,
        machine -> {
          VmmProcess process = machine.newProcess();
          for (int type : new int[] {KvmVmType.DEFAULT, KvmVmType.SW_PROTECTED}) {
            KvmVm vm = process.vm(process.openKvm().createVm(type)).orElseThrow();
            assertThat(vm.checkExtension(KvmCap.VM_TYPES)).isEqualTo(3);
            KvmVcpu vcpu = process.vcpu(vm.createVcpu(0)).orElseThrow();
            for (int id = KvmTdx.CAPABILITIES; id <= KvmTdx.GET_CPUID; id++) {
              KvmTdxCmd command = KvmTdxCmd.of(id, 0, 0);
              assertThat(vm.memoryEncryptOp(command, null)).isEqualTo(-ENOTTY);
              assertThat(vcpu.memoryEncryptOp(command, null)).isEqualTo(-EINVAL);
            }
          }
        });
  }

  @ParameterizedTest
  @MethodSource("machines")
  void ordinaryVmsRun(Machine kind) throws Exception {
    on(
        kind,
        machine -> {
          OrdinaryVm guest = OrdinaryVm.on(machine).irqchip();
          KvmVcpu vcpu = guest.code(0x1000, OrdinaryVm.COUNTING).vcpuAt(0, 0x1000);

          for (int i = 1; i <= 3; i++) {
            assertThat(exit(vcpu, KvmExit.IO).ioData8(0)).isEqualTo(i);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("machines")
  void softwareProtectedVmsConvertMemory(Machine kind) throws Exception {
    on(
        kind,
        machine -> {
          ConvertingVm vm =
              new ConvertingVm(machine, new ConvertingGuest.Shape(1, 0x8000, 0x2000, 2));
          assertThat(vm.run(0, Long.MAX_VALUE)).isTrue();
          assertThat(vm.conversions.get()).isEqualTo(16);
          vm.close(new SplittableRandom(4));
        });
  }
}
