package org.swtdx.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.swtdx.cpu.CpuidModel.Result;

/** The native CPUID values are consistent with each other and with the engine. */
class NativeCpuidTest {
  private final CpuidModel model = CpuidModel.nativeModel();

  private static String text(int... words) {
    byte[] bytes = new byte[words.length * 4];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (words[i / 4] >>> 8 * (i % 4));
    }
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  @Test
  void vendorAndSignatureAreSapphireRapids() {
    Result zero = model.cpuid(0, 0);
    assertThat(text(zero.ebx(), zero.edx(), zero.ecx())).isEqualTo("GenuineIntel");
    assertThat(model.cpuid(1, 0).eax()).isEqualTo(0x806f8);
  }

  @Test
  void leavesBeyondTheHighestGiveTheLastBasicLeaf() {
    Result last = model.cpuid(model.cpuid(0, 0).eax(), 0);
    assertThat(model.cpuid(0x1000, 0)).isEqualTo(last);
    assertThat(model.cpuid(0x4000_0000, 0)).isEqualTo(last);
    assertThat(model.cpuid(0x8000_0009, 0)).isEqualTo(last);
  }

  @Test
  void extendedStateSizesFitTheirComponents() {
    Result state = model.cpuid(0xd, 0);
    int end = 576;
    for (int i = 2; i < 32; i++) {
      Result component = model.cpuid(0xd, i);
      boolean supported = (state.eax() >>> i & 1) != 0;
      assertThat(component.eax() != 0).as("component %d", i).isEqualTo(supported);
      end = supported ? Math.max(end, component.ebx() + component.eax()) : end;
    }
    assertThat(state.ecx()).isEqualTo(end);
    assertThat(state.ebx()).isEqualTo(end);
  }

  @Test
  void avxIsAdvertisedExactlyWithItsState() {
    boolean avx = (model.cpuid(1, 0).ecx() >>> 28 & 1) != 0;
    boolean state = (model.cpuid(0xd, 0).eax() & 4) != 0;
    assertThat(avx).isEqualTo(state);
    assertThat(model.cpuid(1, 0).ecx() >>> 27 & 1).as("OSXSAVE is CR4's").isZero();
  }

  @Test
  void cacheLeafEndsWithANullDescriptor() {
    int subleaf = 0;
    while ((model.cpuid(4, subleaf).eax() & 0x1f) != 0) {
      Result cache = model.cpuid(4, subleaf++);
      assertThat(cache.ebx() & 0xfff).as("64-byte lines").isEqualTo(63);
    }
    assertThat(subleaf).isEqualTo(4);
  }

  @Test
  void addressWidthsMatchTheArchitecture() {
    assertThat(model.cpuid(0x8000_0008, 0).eax() & 0xffff).isEqualTo(57 << 8 | 52);
    assertThat(model.cpuid(7, 0).ecx() >>> 16 & 1).as("LA57").isEqualTo(1);
  }
}
