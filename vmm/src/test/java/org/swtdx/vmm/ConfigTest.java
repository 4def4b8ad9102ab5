package org.swtdx.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConfigTest {
  private static final Firmware FIRMWARE = Firmware.of("test", new byte[4096]);

  @Test
  void attributesAreParsedByNameAndNumber() {
    assertThat(TdAttributes.parse("sept-ve-disable")).isEqualTo(0x10000000L);
    assertThat(TdAttributes.parse("SEPT_VE_DISABLE, debug,perfmon")).isEqualTo(0x8000000010000001L);
    assertThat(TdAttributes.parse("none")).isZero();
    assertThat(TdAttributes.parse("0x8000000000000001")).isEqualTo(0x8000000000000001L);
    assertThat(TdAttributes.describe(0x8000000010000002L))
        .containsExactly("bit1", "sept-ve-disable", "perfmon");
    assertThatThrownBy(() -> TdAttributes.parse("sept"))
        .hasMessageContaining("unknown TD attribute 'sept', known are none, debug");
  }

  @Test
  void identitiesAre48BytesInHexadecimal() {
    assertThat(new Digest384("AB".repeat(48)).bytes()).hasSize(48).containsOnly(0xab);
    assertThatThrownBy(() -> new Digest384("ab")).hasMessageContaining("96 hexadecimal digits");
  }

  @Test
  void impossibleMachinesAreRefused() {
    assertThatThrownBy(() -> VirtualMachineConfig.td(FIRMWARE, 1 << 20))
        .hasMessageContaining("16 MiB to 64 GiB");
    VirtualMachineConfig config = VirtualMachineConfig.td(FIRMWARE, 1 << 30);
    assertThatThrownBy(() -> config.withCpus(0)).hasMessageContaining("give 1 to 64");
    assertThatThrownBy(() -> config.withTimeout(Duration.ZERO)).hasMessageContaining("positive");
  }

  @Test
  void unreadableFirmwareIsNamed() {
    assertThatThrownBy(() -> Firmware.read(Path.of("/nowhere/OVMF.fd")))
        .isInstanceOf(VmmException.class)
        .hasMessage("firmware /nowhere/OVMF.fd is not a file");
  }

  @Test
  void outcomesHaveTheirExitStatus() {
    assertThat(new Outcome.PoweredOff().exitStatus()).isZero();
    assertThat(new Outcome.TripleFault(1).exitStatus()).isEqualTo(1);
    assertThat(new Outcome.TimedOut(1.5).exitStatus()).isEqualTo(124);
    assertThat(new Outcome.TimedOut(90).describe()).isEqualTo("no end within 90 s");
  }
}
