package org.swtdx.vmm.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CpuSelectionTest {
  private static final Set<CpuFeature> EVERYTHING = EnumSet.allOf(CpuFeature.class);

  @ParameterizedTest
  @CsvSource({
    "qemu64, 0x606b1, false",
    "Nehalem, 0x106a3, false",
    "haswell, 0x306c4, true",
    "Skylake-Server, 0x50654, true",
    "Icelake-Server, 0x80660, true",
    "SapphireRapids, 0x806f8, true"
  })
  void modelsHaveTheirSignatureAndFeatures(String name, String signature, boolean avx2) {
    CpuModel model = CpuModel.find(name).orElseThrow();
    assertThat(model.signature().eax()).isEqualTo(Integer.decode(signature));
    assertThat(model.features().contains(CpuFeature.AVX2)).isEqualTo(avx2);
    assertThat(model.features()).contains(CpuFeature.SSE2, CpuFeature.LM);
    assertThat(model.description()).hasSizeLessThan(48);
  }

  @Test
  void featuresAreAddedAndTakenAwayInOrder() {
    CpuSelection cpu = CpuSelection.parse("Nehalem,+avx2,-sse4_2,aes=on,popcnt=off,-aes,enforce");
    assertThat(cpu.added()).containsExactly(CpuFeature.AVX2);
    assertThat(cpu.removed())
        .containsExactlyInAnyOrder(CpuFeature.SSE4_2, CpuFeature.POPCNT, CpuFeature.AES);
    assertThat(cpu.enforce()).isTrue();
    assertThat(cpu.features(EVERYTHING))
        .contains(CpuFeature.AVX2, CpuFeature.SSE4_1)
        .doesNotContain(CpuFeature.SSE4_2, CpuFeature.POPCNT, CpuFeature.AES, CpuFeature.AVX);
  }

  @Test
  void whatNeedsARemovedFeatureGoesWithIt() {
    assertThat(CpuSelection.parse("max,-xsave").features(EVERYTHING))
        .doesNotContain(CpuFeature.AVX, CpuFeature.AVX2, CpuFeature.FMA, CpuFeature.XSAVES)
        .contains(CpuFeature.AES);
  }

  @Test
  void aModelIsLimitedToWhatIsThereUnlessEnforced() {
    Set<CpuFeature> supported = EnumSet.of(CpuFeature.LM, CpuFeature.SSE2, CpuFeature.X2APIC);
    CpuSelection lenient = CpuSelection.parse("SapphireRapids");
    assertThat(lenient.features(supported)).isEqualTo(supported);
    assertThat(lenient.refused(supported)).isEmpty();
    assertThat(CpuSelection.parse("SapphireRapids,enforce").refused(supported))
        .contains(CpuFeature.AVX512F, CpuFeature.AMX_TILE);
    assertThat(CpuSelection.parse("SapphireRapids,+avx512f").refused(supported))
        .containsExactly(CpuFeature.AVX512F);
  }

  @Test
  void maxIsEverythingThereIs() {
    assertThat(CpuSelection.parse("host").features(EVERYTHING)).isEqualTo(EVERYTHING);
    assertThat(CpuSelection.parse("max")).isEqualTo(CpuSelection.MAX);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pentium9 | unknown CPU model 'pentium9', known are qemu64, Nehalem",
        "'' | unknown CPU model ''",
        "max,+warp | unknown CPU feature 'warp'; --cpu help lists them",
        "max,avx2 | CPU feature 'avx2': write +avx2, -avx2 or avx2=on|off",
        "max, | CPU feature '': write"
      })
  void whatIsUnknownIsRefused(String text, String message) {
    assertThatThrownBy(() -> CpuSelection.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @EnumSource
  void everyFeatureIsFoundByItsName(CpuFeature feature) {
    assertThat(CpuFeature.find(feature.label())).contains(feature);
    assertThat(CpuFeature.find(feature.label().replace('-', '_'))).contains(feature);
  }
}
