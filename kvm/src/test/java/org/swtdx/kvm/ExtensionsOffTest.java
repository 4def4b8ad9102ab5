package org.swtdx.kvm;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.kvm.uapi.KvmExtensionAbi;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.kvm.uapi.KvmTdxCapabilities;
import org.swtdx.kvm.uapi.KvmTdxCmd;

/**
 * Without extensions there is nothing of them to be seen: Linux's answers, and its SEAMCALLs. One
 * that is on does not bring another.
 */
class ExtensionsOffTest {
  private static final long SEPT_VE_DISABLE = 1L << 28;

  private final MemoryTrace trace = new MemoryTrace();

  private TestHost machine(Set<KvmExtension> extensions) {
    return new TestHost(trace::wrap, extensions);
  }

  @Test
  void noExtensionIsOnByItself() {
    try (TestHost machine = new TestHost()) {
      assertThat(machine.host.extensions()).isEmpty();
      VmmProcess process = machine.newProcess();
      Kvm kvm = process.openKvm();
      assertThat(kvm.checkExtension(KvmExtensionAbi.EXTENSIONS)).isZero();
      for (long type : new long[] {0, 1, 5}) {
        KvmVm vm = process.vm(kvm.createVm(type)).orElseThrow();
        assertThat(vm.checkExtension(KvmExtensionAbi.EXTENSIONS)).isZero();
      }
    }
  }

  @Test
  void capabilitiesAreThoseOfLinux() {
    try (TestHost machine = new TestHost()) {
      TestTd td = TestTd.bare(machine);
      KvmTdxCapabilities caps = KvmTdxCapabilities.withCapacity(64);
      assertThat(td.vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.CAPABILITIES, 0, 0), caps)).isZero();

      assertThat(caps.supportedAttrs()).isEqualTo(SEPT_VE_DISABLE);
      for (int i = 0; i < 250; i++) {
        assertThat(caps.segment().get(JAVA_LONG_UNALIGNED, 48 + 8 * i)).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {KvmExtensionAbi.TERMINATE_VM, 7, 0x5357_0001, 0x5357_0002})
  void subCommandsAreUnknown(int id) {
    try (TestHost machine = new TestHost()) {
      TestTd td = TestTd.withVcpu(machine, 0);
      KvmTdxCmd cmd = KvmTdxCmd.of(id, 0, 0);

      assertThat(td.vm.memoryEncryptOp(cmd, null)).isEqualTo(-EINVAL);
      assertThat(td.vcpu.memoryEncryptOp(cmd, null)).isEqualTo(-EINVAL);
      td.start();
      assertThat(td.vm.memoryEncryptOp(cmd, null)).isEqualTo(-EINVAL);
      assertThat(td.vcpu.memoryEncryptOp(cmd, null)).isEqualTo(-EINVAL);
      assertThat(machine.host.kernelLog()).isEmpty();
    }
  }

  @Test
  void aDebuggableTdIsRefused() {
    Set<KvmExtension> others = EnumSet.complementOf(EnumSet.of(KvmExtension.DEBUG_TD));
    for (Set<KvmExtension> on : Set.of(Set.<KvmExtension>of(), others)) {
      try (TestHost machine = machine(on)) {
        TestTd td = TestTd.bare(machine);
        assertThat(td.splitIrqchip()).isZero();
        assertThat(td.initVm(TestTd.initVm().attributes(1))).isEqualTo(-EINVAL);
      }
    }
  }

  @Test
  void privatePagesAreOf4Kib() {
    Set<KvmExtension> others = EnumSet.complementOf(EnumSet.of(KvmExtension.LARGE_PRIVATE_PAGES));
    try (TestHost machine = machine(others)) {
      TestTd td = TestTd.withVcpu(machine, SEPT_VE_DISABLE).start();
      trace.take();
      long resident = td.ram.residentBytes();

      KvmPreFaultMemory range = new KvmPreFaultMemory().gpa(0x20_0000).size(0x2000);
      assertThat(td.vcpu.preFaultMemory(range)).isZero();

      assertThat(trace.take())
          .containsExactly(
              "MEM.SEPT.ADD 200000/1", "MEM.PAGE.AUG 200000/0", "MEM.PAGE.AUG 201000/0");
      assertThat(td.ram.residentBytes()).isEqualTo(resident + 0x2000);
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachHasABitAndAName(KvmExtension extension) {
    try (TestHost machine = machine(Set.of(extension))) {
      int bits = machine.newProcess().openKvm().checkExtension(KvmExtensionAbi.EXTENSIONS);

      assertThat(Integer.bitCount(bits)).isOne();
      assertThat(KvmExtension.parse(extension.label())).isEqualTo(extension);
    }
  }

  @Test
  void anUnknownNameIsAnsweredWithTheKnownOnes() {
    String[] names =
        Arrays.stream(KvmExtension.values()).map(KvmExtension::label).toArray(String[]::new);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> KvmExtension.parse("huge"))
        .satisfies(e -> assertThat(e.getMessage()).contains(names));
  }
}
