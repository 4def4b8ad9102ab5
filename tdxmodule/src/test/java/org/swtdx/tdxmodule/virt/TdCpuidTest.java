package org.swtdx.tdxmodule.virt;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.CpuidModel;

class TdCpuidTest {
  private static final CpuidModel PROCESSOR = CpuidModel.nativeModel();

  private long cr4;
  private long xcr0 = 1;
  private long xss;
  private boolean longMode = true;
  private long tdCtls;

  @Test
  void leafZeroKeepsTheVendorAndHasTheModulesMaximum() throws Exception {
    int[] result = execute(0, 0);

    assertThat(result).containsExactly(0x23, 0x756e6547, 0x6c65746e, 0x49656e69);
  }

  @Test
  void leaf21SaysIntelTdx() throws Exception {
    assertThat(execute(0x21, 0)).containsExactly(0, 0x65746e49, 0x20202020, 0x5844546c);
  }

  @Test
  void guestSeesAHypervisorAndItsIndexAsApicId() throws Exception {
    int[] result = execute(1, 0);

    assertThat(result[1] >>> 24).isEqualTo(2);
    assertThat(result[2] < 0).isTrue();
    assertThat(result[0]).isEqualTo(PROCESSOR.cpuid(1, 0).eax() & 0x0fff3fff);
  }

  @Test
  void vmxAndSmxAreNeverThere() throws Exception {
    assertThat(execute(1, 0)[2] & 3 << 5).isZero();
  }

  @Test
  void osxsaveFollowsCr4() throws Exception {
    assertThat(execute(1, 0)[2] & 1 << 27).isZero();

    cr4 = 1 << 18;

    assertThat(execute(1, 0)[2] & 1 << 27).isNotZero();
  }

  @Test
  void syscallExistsInLongModeOnly() throws Exception {
    assertThat(execute(0x80000001, 0)[3] & 1 << 11).isNotZero();

    longMode = false;

    assertThat(execute(0x80000001, 0)[3] & 1 << 11).isZero();
  }

  @Test
  void hostCanTakeAwayAnAllowedFeatureOnly() throws Exception {
    TdParamsImage none = new TdParamsImage();
    TdParamsImage smep = new TdParamsImage().cpuid(7, 0, 1, 1 << 8);

    assertThat(execute(none, 7, 0)[1] & 1 << 8).as("BMI2 not given").isZero();
    assertThat(execute(smep, 7, 0)[1] & 1 << 8).as("BMI2 given").isNotZero();
    assertThat(execute(none, 7, 0)[1] & 1 << 7).as("SMEP is native").isNotZero();
  }

  @Test
  void withoutAvxInXfamNothingOfAvxIsEnumerated() throws Exception {
    TdParamsImage sse = new TdParamsImage().xfam(3).cpuid(1, -1, 2, 1 << 28);
    TdParamsImage avx = new TdParamsImage().xfam(7).cpuid(1, -1, 2, 1 << 28);

    assertThat(execute(sse, 1, 0)[2] & 0x30000000).isZero();
    assertThat(execute(avx, 1, 0)[2] & 1 << 28).isNotZero();
    assertThat(execute(sse, 7, 0)[1] & 1 << 5).as("AVX2").isZero();
    assertThat(execute(sse, 0xd, 0)[0]).isEqualTo(3);
    assertThat(execute(avx, 0xd, 0)[0]).isEqualTo(7);
    assertThat(execute(sse, 0xd, 2)).containsExactly(0, 0, 0, 0);
    assertThat(execute(avx, 0xd, 2)[0]).isEqualTo(256);
  }

  @Test
  void xsaveSizesFollowXcr0AndXss() throws Exception {
    assertThat(execute(0xd, 0)[1]).isEqualTo(576);
    assertThat(execute(0xd, 0)[2]).isEqualTo(832);

    xcr0 = 7;

    assertThat(execute(0xd, 0)[1]).isEqualTo(832);
    assertThat(execute(0xd, 1)[1]).isEqualTo(832);
  }

  @Test
  void tscFrequencyIsTheConfiguredOne() throws Exception {
    assertThat(execute(0x15, 0)).containsExactly(1, 40, 25_000_000, 0);
  }

  @Test
  void performanceMonitoringIsAbsent() throws Exception {
    assertThat(execute(0xa, 0)).containsExactly(0, 0, 0, 0);
    assertThat(execute(0x23, 1)).containsExactly(0, 0, 0, 0);
  }

  @Test
  void physicalAddressWidthIsNativeUnlessVirtualized() throws Exception {
    TdParamsImage fixed = new TdParamsImage().cpuid(0x80000008, -1, 0, 46);
    TdParamsImage chosen =
        new TdParamsImage().cpuid(0x80000008, -1, 0, 46).flags(TdParameters.MAXPA_VIRT);
    TdParamsImage zero = new TdParamsImage().flags(TdParameters.MAXPA_VIRT);

    assertThat(execute(fixed, 0x80000008, 0)[0] & 0xff).isEqualTo(52);
    assertThat(execute(chosen, 0x80000008, 0)[0] & 0xff).isEqualTo(46);
    assertThat(execute(zero, 0x80000008, 0)[0] & 0xff).isEqualTo(48);
  }

  @ParameterizedTest
  @CsvSource({
    "0x2, 0",
    "0x6, 0",
    "0x9, 0",
    "0xb, 0",
    "0xc, 0",
    "0x10, 0",
    "0x16, 0",
    "0x1f, 0",
    "0x7, 3",
    "0xd, 0x13",
    "0x4, 5",
    "0x40000000, 0",
    "0x4fffffff, 0",
    "0x80000002, 0",
    "0x80000004, 0",
    "0x80000006, 0"
  })
  void raisesVe(String leaf, String subleaf) throws Exception {
    assertThat(executes(leaf, subleaf)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "0x0, 0",
    "0x1, 5",
    "0x3, 0",
    "0x4, 4",
    "0x5, 0",
    "0x7, 2",
    "0xd, 1",
    "0x14, 1",
    "0x1a, 0",
    "0x20, 0",
    "0x22, 0",
    "0x80000000, 0",
    "0x80000007, 0",
    "0x24, 1",
    "0x80000009, 1",
    "0x50000000, 1"
  })
  void answers(String leaf, String subleaf) throws Exception {
    assertThat(executes(leaf, subleaf)).isTrue();
  }

  @Test
  void topologyIsVirtualOnceTheGuestAsksForIt() throws Exception {
    tdCtls = TdCpuid.ENUM_TOPOLOGY;
    TdParamsImage image =
        new TdParamsImage()
            .cpuid(0x1f, 0, 0, 1)
            .cpuid(0x1f, 0, 1, 2)
            .cpuid(0x1f, 0, 2, 1 << 8)
            .cpuid(0x1f, 1, 0, 4)
            .cpuid(0x1f, 1, 1, 16)
            .cpuid(0x1f, 1, 2, 2 << 8 | 1);

    assertThat(execute(image, 0x1f, 1)).containsExactly(4, 16, 2 << 8 | 1, 5);
    assertThat(execute(image, 0xb, 0)).containsExactly(1, 2, 1 << 8, 5);
    assertThat(execute(image, 0xb, 1)).containsExactly(4, 16, 2 << 8 | 1, 5);
    assertThat(execute(image, 1, 0)[1] >>> 24).isEqualTo(5);
    assertThat(execute(image, 0xb, 2)).containsExactly(0, 0, 0, 5);
  }

  @Test
  void coresWithoutThreadsAreTheFirstLegacyLevel() throws Exception {
    tdCtls = TdCpuid.ENUM_TOPOLOGY;
    TdParamsImage image =
        new TdParamsImage().cpuid(0x1f, 0, 0, 4).cpuid(0x1f, 0, 1, 16).cpuid(0x1f, 0, 2, 2 << 8);

    assertThat(execute(image, 0xb, 0)).containsExactly(4, 16, 2 << 8, 5);
    assertThat(execute(image, 0xb, 1)).containsExactly(0, 0, 0, 5);
  }

  @Test
  void leafTwoIsVirtualOnceTheGuestAsksForIt() throws Exception {
    tdCtls = TdCpuid.VIRT_CPUID2;

    assertThat(execute(2, 0)).containsExactly(0x00feff01, 0, 0, 0);
  }

  @Test
  void metadataFieldsExistForTableEntriesOnly() throws Exception {
    TdCpuid cpuid = cpuid(new TdParamsImage());

    assertThat(TdCpuid.isField(0, -1)).isTrue();
    assertThat(TdCpuid.isField(0, 3)).as("leaf 0 ignores ECX").isTrue();
    assertThat(TdCpuid.isField(7, 0)).isTrue();
    assertThat(TdCpuid.isField(7, 9)).isFalse();
    assertThat(TdCpuid.isField(7, -1)).isFalse();
    assertThat(cpuid.field(0, -1, 0)).isEqualTo(0x756e6547_00000023L);
    assertThat(cpuid.field(0, -1, 1)).isEqualTo(0x49656e69_6c65746eL);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 6, 16, 17})
  void configurableBitsAreNativeOrTheHostsChoice(int index) {
    int leaf = TdCpuid.configLeaf(index);
    int subleaf = TdCpuid.configSubleaf(index);
    int[] own = registers(PROCESSOR.cpuid(leaf, Math.max(0, subleaf)));
    CpuidTable.Entry entry = CpuidTable.INSTANCE.configurable().get(index);

    int[] bits = TdCpuid.configurable(PROCESSOR, index);

    for (int r = 0; r < 4; r++) {
      assertThat(bits[r] & ~(own[r] | entry.host()[r])).isZero();
      assertThat(bits[r] & entry.host()[r]).isEqualTo(entry.host()[r]);
    }
  }

  @Test
  void everyBitOfTheTableHasOneSource() {
    for (CpuidTable.Entry entry : CpuidTable.INSTANCE.entries()) {
      for (int r = 0; r < 4; r++) {
        String name = Integer.toHexString(entry.leaf()) + "." + entry.subleaf() + " register " + r;
        int[] sources = {entry.one()[r], entry.zero()[r], entry.host()[r], entry.allow()[r]};
        for (int i = 0; i < sources.length; i++) {
          for (int j = i + 1; j < sources.length; j++) {
            assertThat(sources[i] & sources[j]).as(name).isZero();
          }
        }
      }
    }
    assertThat(CpuidTable.INSTANCE.configurable().size()).isEqualTo(18);
    assertThat(CpuidTable.INSTANCE.entries().size()).isEqualTo(69);
  }

  private static int[] registers(CpuidModel.Result result) {
    return new int[] {result.eax(), result.ebx(), result.ecx(), result.edx()};
  }

  private boolean executes(String leaf, String subleaf) throws Exception {
    return cpuid(new TdParamsImage())
        .execute(
            Long.decode(leaf).intValue(),
            Integer.decode(subleaf),
            state(),
            2,
            5,
            tdCtls,
            new int[4]);
  }

  private int[] execute(int leaf, int subleaf) throws Exception {
    return execute(new TdParamsImage(), leaf, subleaf);
  }

  private int[] execute(TdParamsImage image, int leaf, int subleaf) throws Exception {
    int[] result = new int[4];
    assertThat(cpuid(image).execute(leaf, subleaf, state(), 2, 5, tdCtls, result)).isTrue();
    return result;
  }

  private static TdCpuid cpuid(TdParamsImage image) throws Exception {
    return TdParameters.check(image.bytes(), PROCESSOR).cpuid();
  }

  private CpuState state() {
    return (CpuState)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {CpuState.class},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "cr" -> Objects.equals(arguments[0], 4) ? cr4 : 0L;
                  case "xcr0" -> xcr0;
                  case "msr" -> xss;
                  case "in64BitMode" -> longMode;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
