package org.swtdx.vmm.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.vmm.VmType;
import org.swtdx.vmm.cpu.CpuFeature;
import org.swtdx.vmm.cpu.CpuSelection;

class ModelledCpuidTest {
  private static final List<CpuidEntry> NATIVE = engine();

  /** What the engine's own model reports, as KVM would list it. */
  private static List<CpuidEntry> engine() {
    List<CpuidEntry> entries = new ArrayList<>();
    int[] leaves = {
      0,
      1,
      4,
      6,
      7,
      0xd,
      0x15,
      0x80000000,
      0x80000001,
      0x80000002,
      0x80000003,
      0x80000004,
      0x80000007,
      0x80000008
    };
    for (int leaf : leaves) {
      for (int index = 0; index < (leaf == 0xd ? 10 : leaf == 7 ? 3 : 1); index++) {
        CpuidModel.Result r = CpuidModel.nativeModel().cpuid(leaf, index);
        entries.add(new CpuidEntry(leaf, index, 0, r.eax(), r.ebx(), r.ecx(), r.edx()));
      }
    }
    return entries;
  }

  private static List<CpuidEntry> entries(String cpu, VmType type) {
    return new ModelledCpuid(NATIVE, CpuSelection.parse(cpu), type).entries();
  }

  private static CpuidEntry entry(List<CpuidEntry> list, int leaf, int index) {
    return list.stream()
        .filter(e -> e.function() == leaf && e.index() == index)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void maxChangesNothing() {
    assertThat(entries("max", VmType.DEFAULT)).isEqualTo(NATIVE);
    assertThat(entries("max", VmType.TDX)).isEqualTo(NATIVE);
  }

  @Test
  void aNamedModelShowsItsNameSignatureAndLevel() {
    List<CpuidEntry> list = entries("Nehalem", VmType.DEFAULT);
    assertThat(entry(list, 0, 0).eax()).isEqualTo(0xb);
    assertThat(entry(list, 1, 0).eax()).isEqualTo(0x106a3);
    assertThat(entry(list, 0x80000002, 0).eax()).isEqualTo(0x65746e49); // "Inte"
    assertThat(list).noneMatch(e -> e.function() == 0xd || e.function() == 0x15);
    assertThat(ModelledCpuid.features(list))
        .contains(CpuFeature.SSE4_2, CpuFeature.X2APIC)
        .doesNotContain(CpuFeature.AVX, CpuFeature.XSAVE, CpuFeature.SMEP);
  }

  @Test
  void theDefaultIsWhatTheEngineHasOfSapphireRapids() {
    List<CpuidEntry> list = entries("SapphireRapids", VmType.DEFAULT);
    assertThat(ModelledCpuid.features(list))
        .contains(CpuFeature.AVX2, CpuFeature.LA57, CpuFeature.SHA_NI, CpuFeature.PKU)
        .doesNotContain(CpuFeature.AVX512F, CpuFeature.AMX_TILE, CpuFeature.RTM);
    assertThat(entry(list, 0xd, 0)).isEqualTo(entry(NATIVE, 0xd, 0));
  }

  @ParameterizedTest
  @CsvSource({"-avx, 0x203, 2696", "-pku, 0x7, 832", "'-avx,-pku', 0x3, 576", "-xsave, 0x0, 0"})
  void stateComponentsFollowTheirFeatures(String change, String components, int size) {
    List<CpuidEntry> list = entries("max," + change, VmType.DEFAULT);
    assertThat(entry(list, 0xd, 0).eax()).isEqualTo(Integer.decode(components));
    assertThat(entry(list, 0xd, 0).ecx()).isEqualTo(size);
    boolean avx = (Integer.decode(components) & 4) != 0;
    assertThat(entry(list, 0xd, 2).eax()).isEqualTo(avx ? 256 : 0);
  }

  @Test
  void aTrustDomainKeepsThePlatformsIdentity() {
    List<CpuidEntry> list = entries("Haswell", VmType.TDX);
    assertThat(entry(list, 0, 0)).isEqualTo(entry(NATIVE, 0, 0));
    assertThat(entry(list, 1, 0).eax()).isEqualTo(entry(NATIVE, 1, 0).eax());
    assertThat(ModelledCpuid.features(list)).doesNotContain(CpuFeature.SHA_NI);
  }
}
