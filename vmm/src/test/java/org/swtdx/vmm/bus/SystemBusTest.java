package org.swtdx.vmm.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SystemBusTest {
  private static final class Cells implements PortDevice, MmioDevice {
    final byte[] cells = new byte[16];

    @Override
    public int readByte(int offset) {
      return cells[offset];
    }

    @Override
    public void writeByte(int offset, int value) {
      cells[offset] = (byte) value;
    }

    @Override
    public long read(long offset, int size) {
      return -1L << 56 | cells[(int) offset];
    }

    @Override
    public void write(long offset, int size, long value) {
      cells[(int) offset] = (byte) value;
    }
  }

  private final SystemBus bus = new SystemBus();
  private final Cells cells = new Cells();

  @Test
  void unclaimedAddressesReadAsAllOnes() {
    assertThat(bus.readPort(0x80, 1)).isEqualTo(0xff);
    assertThat(bus.readPort(0x80, 2)).isEqualTo(0xffff);
    assertThat(bus.readPort(0x80, 4)).isEqualTo(-1);
    assertThat(bus.readMemory(0xfed00000L, 4)).isEqualTo(0xffffffffL);
    assertThat(bus.readMemory(0xfed00000L, 8)).isEqualTo(-1);
    bus.writePort(0x80, 1, 1);
    bus.writeMemory(0xfed00000L, 8, 1);
  }

  @Test
  void wideAccessesAreBytesInAscendingOrder() {
    bus.claimPorts(0x100, 16, cells);

    bus.writePort(0x104, 4, 0x44332211);

    assertThat(Arrays.copyOfRange(cells.cells, 4, 8)).containsExactly(0x11, 0x22, 0x33, 0x44);
    assertThat(bus.readPort(0x105, 2)).isEqualTo(0x3322);
  }

  @Test
  void accessAcrossTheEndOfDeviceIsSplit() {
    bus.claimPorts(0x100, 16, cells);
    cells.cells[15] = 0x5a;

    assertThat(bus.readPort(0x10f, 2)).isEqualTo(0xff5a);
    bus.writePort(0x10f, 2, 0x1234);

    assertThat(cells.cells[15]).isEqualTo((byte) 0x34);
  }

  @Test
  void laterClaimHidesAnEarlierOneUntilReleased() {
    Cells other = new Cells();
    other.cells[0] = 9;
    bus.claimPorts(0x100, 16, cells);
    bus.claimPorts(0x101, 1, other);

    assertThat(bus.readPort(0x101, 1)).isEqualTo(9);
    bus.releasePorts(other);
    assertThat(bus.readPort(0x101, 1)).isZero();
  }

  @Test
  void memoryReadsAreCutToTheirSize() {
    bus.claimMemory(0xfec00000L, 16, cells);
    cells.cells[3] = 0x77;

    assertThat(bus.readMemory(0xfec00003L, 1)).isEqualTo(0x77);
    assertThat(bus.readMemory(0xfec00003L, 4)).isEqualTo(0x77);
  }
}
