package org.swtdx.tdxmodule.virt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

class TdParametersTest {
  private static final CpuidModel PROCESSOR = CpuidModel.nativeModel();

  static Stream<Arguments> refused() {
    return Stream.of(
        refused("attribute not offered", p -> p.attributes(1L << 29), Operand.ATTRIBUTES),
        refused("PERFMON", p -> p.attributes(1L << 63), Operand.ATTRIBUTES),
        refused("no SSE", p -> p.xfam(1), Operand.XFAM),
        refused("AVX-512 the processor lacks", p -> p.xfam(0xe7), Operand.XFAM),
        refused("unknown XFAM bit", p -> p.xfam(1L << 40 | 3), Operand.XFAM),
        refused("no vCPU", p -> p.put16(16, 0), Operand.MAX_VCPUS),
        refused("577 vCPUs", p -> p.put16(16, 577), Operand.MAX_VCPUS),
        refused("nested VM", p -> p.put8(18, 1), Operand.NUM_L2_VMS),
        refused("MSR configuration flag", p -> p.put8(19, 2), Operand.RDX),
        refused("reserved byte 20", p -> p.put8(20, 1), Operand.RDX),
        refused("configuration flag", p -> p.flags(1 << 6), Operand.EXEC_CONTROLS),
        refused("uncached EPT", p -> p.put64(24, 0x18), Operand.EPTP_CONTROLS),
        refused("three-level EPT", p -> p.put64(24, 0x16), Operand.EPTP_CONTROLS),
        refused("accessed flags", p -> p.put64(24, 0x5e), Operand.EPTP_CONTROLS),
        refused("52 bits with four levels", p -> p.flags(1), Operand.EPTP_CONTROLS),
        refused("TSC of 75 MHz", p -> p.put16(40, 3), Operand.TSC_FREQUENCY),
        refused("TSC above 10 GHz", p -> p.put16(40, 401), Operand.TSC_FREQUENCY),
        refused("reserved byte 79", p -> p.put8(79, 1), Operand.RDX),
        refused(
            "capability not configurable",
            p -> p.put8(19, 1).put64(224, 1),
            Operand.IA32_ARCH_CAPABILITIES_CONFIG),
        refused(
            "capability without MSR_CONFIG_CTLS",
            p -> p.put64(224, 1 << 19),
            Operand.IA32_ARCH_CAPABILITIES_CONFIG),
        refused("reserved byte 232", p -> p.put8(232, 1), Operand.RDX),
        refused("last byte", p -> p.put8(1023, 1), Operand.RDX));
  }

  private static Arguments refused(String what, UnaryOperator<TdParamsImage> change, int operand) {
    return Arguments.of(what, change, operand);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void refusesWithTheOperandOfTheField(
      String what, UnaryOperator<TdParamsImage> change, int operand) {
    byte[] params = change.apply(new TdParamsImage()).bytes();

    Refusal refusal =
        catchThrowableOfType(Refusal.class, () -> TdParameters.check(params, PROCESSOR));

    assertThat(refusal.status()).isEqualTo(Status.with(Status.OPERAND_INVALID, operand));
  }

  @Test
  void checksAttributesBeforeXfamBeforeVcpus() {
    TdParamsImage params = new TdParamsImage().attributes(-1).xfam(0).put16(16, 0);

    assertThat(statusOf(params)).isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.ATTRIBUTES));
    params.attributes(0);
    assertThat(statusOf(params)).isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.XFAM));
  }

  /** Each has two faults; the one that is checked first is blamed. */
  static Stream<Arguments> pairs() {
    return Stream.of(
        refused("MAX_VCPUS, nested VMs", p -> p.put16(16, 0).put8(18, 1), Operand.MAX_VCPUS),
        refused("nested VMs, byte 20", p -> p.put8(18, 1).put8(20, 1), Operand.NUM_L2_VMS),
        refused("byte 20, flags", p -> p.put8(20, 1).flags(1 << 6), Operand.RDX),
        refused("flags, MSR_CONFIG_CTLS", p -> p.put8(19, 2).flags(1 << 6), Operand.EXEC_CONTROLS),
        refused("flags, EPTP", p -> p.flags(1 << 6).put64(24, 0), Operand.EXEC_CONTROLS),
        refused("EPTP, TSC", p -> p.put64(24, 0).put16(40, 3), Operand.EPTP_CONTROLS),
        refused("TSC, byte 79", p -> p.put16(40, 3).put8(79, 1), Operand.TSC_FREQUENCY),
        refused("last byte, capabilities", p -> p.put8(1023, 1).put64(224, 1), Operand.RDX));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pairs")
  void blamesTheFirstOfTwo(String what, UnaryOperator<TdParamsImage> change, int operand) {
    assertThat(statusOf(change.apply(new TdParamsImage())))
        .isEqualTo(Status.with(Status.OPERAND_INVALID, operand));
  }

  @Test
  void cpuidConfigurationComesBeforeArchCapabilities() {
    byte[] params = new TdParamsImage().put64(224, 1).cpuid(1, -1, 0, 0x50654).bytes();

    assertThat(catchThrowable(() -> TdParameters.check(params, PROCESSOR)))
        .isInstanceOf(TdParameters.CpuidRefusal.class);
  }

  @Test
  void aBitThatAHostMayOnlyClearHasNoEffectWhereTheProcessorLacksIt() throws Exception {
    int hle = 1 << 4; // also without RTM: the processor has neither
    byte[] params = new TdParamsImage().cpuid(7, 0, 1, hle).bytes();

    assertThat(TdParameters.check(params, PROCESSOR).cpuid().has(7, 0, 1, 4)).isFalse();
  }

  @Test
  void transactionalMemoryNeedsBothBitsAndItsControl() {
    CpuidModel withTsx =
        (leaf, subleaf) -> {
          CpuidModel.Result r = PROCESSOR.cpuid(leaf, subleaf);
          return leaf == 7 && subleaf == 0
              ? new CpuidModel.Result(r.eax(), r.ebx() | 1 << 4 | 1 << 11, r.ecx(), r.edx())
              : r;
        };
    byte[] half = new TdParamsImage().cpuid(7, 0, 1, 1 << 4).bytes();
    byte[] both = new TdParamsImage().cpuid(7, 0, 1, 1 << 4 | 1 << 11).bytes();

    assertThat(
            catchThrowableOfType(
                    TdParameters.CpuidRefusal.class, () -> TdParameters.check(half, withTsx))
                .leafAndSubleaf())
        .isEqualTo(7);
    assertThat(
            catchThrowableOfType(Refusal.class, () -> TdParameters.check(both, withTsx)).status())
        .isEqualTo(Status.with(Status.INCORRECT_MSR_VALUE, 0x10a));
  }

  /** Level types of the sub-leaves of 0x1F. */
  static Stream<int[]> wrongTopologies() {
    return Stream.of(
        new int[] {0, 2}, // nothing, then a core
        new int[] {1}, // no core
        new int[] {2, 1}, // descending
        new int[] {1, 1, 2}, // twice
        new int[] {1, 2, 6}); // no such level
  }

  @ParameterizedTest
  @MethodSource("wrongTopologies")
  void aTopologyAscendsAndHasACore(int[] types) {
    assertThat(statusOf(topology(types))).isEqualTo(Status.CPUID_LEAF_1F_FORMAT_UNRECOGNIZED);
  }

  @Test
  void ordinaryTopologiesAreAccepted() throws Exception {
    TdParameters.check(topology(1, 2).bytes(), PROCESSOR);
    TdParameters.check(topology(1, 2, 5).bytes(), PROCESSOR);
    TdParameters.check(topology(2).bytes(), PROCESSOR);
    TdParameters.check(topology().bytes(), PROCESSOR);
  }

  @Test
  void topologyLevelsTellTheirSubleaf() {
    assertThat(statusOf(topology(1, 2).cpuid(0x1f, 1, 2, 2 << 8)))
        .isEqualTo(Status.CPUID_LEAF_1F_FORMAT_UNRECOGNIZED);
    assertThat(statusOf(topology(2, 0, 1)))
        .as("threads above cores")
        .isEqualTo(Status.CPUID_LEAF_1F_FORMAT_UNRECOGNIZED);
  }

  @Test
  void cpuidConfigurationIsCheckedByPosition() {
    TdParamsImage image =
        new TdParamsImage()
            .flags(TdParameters.MAXPA_VIRT)
            .cpuid(0x80000008, -1, 0, 44)
            .cpuid(7, 2, 3, 1);
    assertThat(statusOf(image))
        .as("leaf 0x80000008 comes before 7.2 and names no entry")
        .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.CPUID_CONFIG));
  }

  private static TdParamsImage topology(int... types) {
    TdParamsImage image = new TdParamsImage();
    for (int i = 0; i < types.length; i++) {
      if (types[i] != 0) {
        image.cpuid(0x1f, i, 1, 1).cpuid(0x1f, i, 2, types[i] << 8 | i);
      }
    }
    return image;
  }

  @Test
  void acceptedValuesComeBack() throws Exception {
    TdParamsImage image =
        new TdParamsImage().attributes(TdAttributes.SEPT_VE_DISABLE).flags(TdParameters.GPAW);
    image.put64(24, 0x26).put8(80, 9).put8(128, 8).put8(176, 7);

    TdParameters td = TdParameters.check(image.bytes(), PROCESSOR);

    assertThat(td.attributes()).isEqualTo(TdAttributes.SEPT_VE_DISABLE);
    assertThat(td.xfam()).isEqualTo(7);
    assertThat(td.maxVcpus()).isEqualTo(4);
    assertThat(td.eptLevels()).isEqualTo(5);
    assertThat(td.guestPhysicalAddressWidth()).isEqualTo(52);
    assertThat(td.sharedBit()).isEqualTo(1L << 51);
    assertThat(td.initialTdCtls()).isEqualTo(1);
    assertThat(td.mrConfigId()[0]).isEqualTo((byte) 9);
    assertThat(td.mrOwner()[0]).isEqualTo((byte) 8);
    assertThat(td.mrOwnerConfig()[0]).isEqualTo((byte) 7);
  }

  @Test
  void fourLevelsMeanFortyEightBits() throws Exception {
    TdParameters td = TdParameters.check(new TdParamsImage().bytes(), PROCESSOR);

    assertThat(td.eptLevels()).isEqualTo(4);
    assertThat(td.sharedBit()).isEqualTo(1L << 47);
    assertThat(td.initialTdCtls()).isZero();
  }

  @Test
  void hostMayChooseTheRestrictedRsbCapability() throws Exception {
    TdParamsImage image = new TdParamsImage().put8(19, 1).put64(224, 1 << 19);

    long with = TdParameters.check(image.bytes(), PROCESSOR).archCapabilities();
    long without = TdParameters.check(new TdParamsImage().bytes(), PROCESSOR).archCapabilities();

    assertThat(with ^ without).isEqualTo(1 << 19);
    assertThat(without & 1 << 21).as("XAPIC_DISABLE_STATUS").isNotZero();
  }

  @Test
  void conflictingCpuidConfigurationNamesItsLeaf() {
    byte[] params = new TdParamsImage().cpuid(7, 1, 0, 1).bytes();

    TdParameters.CpuidRefusal refusal =
        catchThrowableOfType(
            TdParameters.CpuidRefusal.class, () -> TdParameters.check(params, PROCESSOR));

    assertThat(refusal.leafAndSubleaf()).isEqualTo(1L << 32 | 7);
    assertThat(refusal.status())
        .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.CPUID_CONFIG));
  }

  @Test
  void theFirstConflictIsNotTheFirstInCpuidConfig() {
    byte[] params = new TdParamsImage().cpuid(0x23, 0, 1, 1).cpuid(0x1f, 5, 3, 1).bytes();

    TdParameters.CpuidRefusal refusal =
        catchThrowableOfType(
            TdParameters.CpuidRefusal.class, () -> TdParameters.check(params, PROCESSOR));

    assertThat(refusal.leafAndSubleaf()).isEqualTo(5L << 32 | 0x1f);
  }

  @Test
  void familyAndModelOfAnotherProcessorAreRefused() {
    byte[] params = new TdParamsImage().cpuid(1, -1, 0, 0x50654).bytes();

    TdParameters.CpuidRefusal refusal =
        catchThrowableOfType(
            TdParameters.CpuidRefusal.class, () -> TdParameters.check(params, PROCESSOR));

    assertThat(refusal.leafAndSubleaf()).isEqualTo(0xffff_ffff_0000_0001L);
  }

  private static long statusOf(TdParamsImage image) {
    byte[] params = image.bytes();
    return catchThrowableOfType(Refusal.class, () -> TdParameters.check(params, PROCESSOR))
        .status();
  }
}
