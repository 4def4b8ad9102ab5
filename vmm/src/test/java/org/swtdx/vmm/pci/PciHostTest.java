package org.swtdx.vmm.pci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.swtdx.vmm.bus.MmioDevice;

class PciHostTest {
  private final PciHost host = new PciHost();
  private int bridgeMoves;
  private int lpcMoves;
  private final HostBridge bridge = new HostBridge(() -> bridgeMoves++);
  private final LpcBridge lpc = new LpcBridge(() -> lpcMoves++);

  @BeforeEach
  void place() {
    host.place(0, 0, bridge);
    host.place(31, 0, lpc);
  }

  private void select(int device, int register) {
    host.write(0, 4, 0x80000000 | device << 11 | register & 0xfc);
  }

  private int read(int device, int register, int size) {
    select(device, register);
    return host.read(4 + (register & 3), size);
  }

  private void write(int device, int register, int size, int value) {
    select(device, register);
    host.write(4 + (register & 3), size, value);
  }

  @Test
  void functionsHaveTheIdentityOfQ35() {
    assertThat(read(0, 0, 4)).isEqualTo(0x29c08086);
    assertThat(read(0, 8, 4) >>> 8).isEqualTo(0x060000);
    assertThat(read(31, 0, 2)).isEqualTo(0x8086);
    assertThat(read(31, 2, 2)).isEqualTo(0x2918);
    assertThat(read(31, 8, 4) >>> 8).isEqualTo(0x060100);
  }

  @Test
  void absentFunctionsAndBusesReadAsAllOnes() {
    assertThat(read(1, 0, 4)).isEqualTo(-1);
    host.write(0, 4, 0x80010000);
    assertThat(host.read(4, 4)).isEqualTo(-1);
  }

  @Test
  void dataPortIsClosedUnlessEnabled() {
    host.write(0, 4, 0);
    assertThat(host.read(4, 4)).isEqualTo(-1);
  }

  @Test
  void addressRegisterTakesDoublewordsOnly() {
    select(31, 0x40);
    host.write(0, 1, 0xff);
    assertThat(host.read(0, 4)).isEqualTo(0x8000f840);
  }

  @Test
  void identityIsReadOnly() {
    write(0, 0, 4, 0);
    assertThat(read(0, 0, 4)).isEqualTo(0x29c08086);
  }

  @Test
  void pciexbarPlacesEcam() {
    assertThat(bridge.ecamEnabled()).isFalse();

    write(0, 0x60, 4, 0);
    write(0, 0x64, 4, 0);
    write(0, 0x60, 4, 0xb0000001);

    assertThat(bridge.ecamEnabled()).isTrue();
    assertThat(bridge.ecamBase()).isEqualTo(0xb0000000L);
    assertThat(bridge.ecamBytes()).isEqualTo(256 << 20);
    assertThat(bridgeMoves).isEqualTo(3);
  }

  @Test
  void pciexbarLengthsAreDecoded() {
    write(0, 0x60, 4, 0xe8000003);
    assertThat(bridge.ecamBytes()).isEqualTo(128 << 20);
    assertThat(bridge.ecamBase()).isEqualTo(0xe8000000L);

    write(0, 0x60, 4, 0xe4000005);
    assertThat(bridge.ecamBytes()).isEqualTo(64 << 20);

    write(0, 0x60, 4, 0xe4000007);
    assertThat(bridge.ecamEnabled()).isFalse();
  }

  @Test
  void ecamReachesTheSameRegisters() {
    MmioDevice ecam = host.ecam();
    write(31, 0x3c, 1, 0x0b);

    assertThat(ecam.read(0xf8000, 4)).isEqualTo(0x29188086L);
    assertThat(ecam.read(0xf803c, 1)).isEqualTo(0x0b);
    assertThat(ecam.read(0x8000, 4)).isEqualTo(0xffffffffL);
    assertThat(ecam.read(0xf8000, 8) & 0xffffffffL).isEqualTo(0x29188086L);
    ecam.write(0xf803c, 1, 5);
    assertThat(read(31, 0x3c, 1)).isEqualTo(5);
    assertThat(ecam.read(0x100000, 4)).isEqualTo(0xffffffffL);
  }

  @Test
  void powerManagementBaseIsProgrammedAsFirmwareDoes() {
    assertThat(read(31, 0x44, 1) & 0x80).isZero();

    write(31, 0x40, 4, 0x600 | read(31, 0x40, 4) & ~0xff80);
    write(31, 0x44, 1, read(31, 0x44, 1) | 0x80);

    assertThat(read(31, 0x40, 4)).isEqualTo(0x601);
    assertThat(lpc.powerManagementBase()).isEqualTo(0x600);
    assertThat(lpc.powerManagementEnabled()).isTrue();
    assertThat(lpcMoves).isEqualTo(2);
  }
}
