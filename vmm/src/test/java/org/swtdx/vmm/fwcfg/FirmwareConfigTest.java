package org.swtdx.vmm.fwcfg;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.swtdx.vmm.ByteMemory;

class FirmwareConfigTest {
  private static final int REQUEST = 0x100;

  private final ByteMemory memory = new ByteMemory(0x4000);
  private final FirmwareConfig config = new FirmwareConfig(memory);
  private int made;

  @BeforeEach
  void fill() {
    config.add16(FirmwareConfig.CPUS, 2);
    config.add64(FirmwareConfig.RAM_SIZE, 0x1_2345_6789L);
    config.addFile("etc/b", "second".getBytes(US_ASCII));
    config.addFile("etc/a", 5, () -> ("made" + made++).getBytes(US_ASCII));
  }

  private byte[] read(int key, int length) {
    config.write(0, 2, key);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) config.read(1, 1);
    }
    return bytes;
  }

  private int dma(int control, int length, long address) {
    ByteBuffer.wrap(memory.bytes)
        .putInt(REQUEST, control)
        .putInt(REQUEST + 4, length)
        .putLong(REQUEST + 8, address);
    config.write(4, 4, 0);
    config.write(8, 4, Integer.reverseBytes(REQUEST));
    return ByteBuffer.wrap(memory.bytes).getInt(REQUEST);
  }

  private Map<String, Integer> directory() {
    ByteBuffer count = ByteBuffer.wrap(read(0x19, 4));
    int files = count.getInt();
    ByteBuffer entries = ByteBuffer.wrap(read(0x19, 4 + 64 * files), 4, 64 * files);
    Map<String, Integer> names = new TreeMap<>();
    for (int i = 0; i < files; i++) {
      byte[] name = new byte[56];
      entries.getInt();
      int key = entries.getShort();
      entries.getShort();
      entries.get(name);
      names.put(new String(name, US_ASCII).trim(), key);
    }
    return names;
  }

  @Test
  void signatureAndFeaturesIdentifyTheDevice() {
    assertThat(read(0, 4)).isEqualTo("QEMU".getBytes(US_ASCII));
    assertThat(read(1, 4)).containsExactly(3, 0, 0, 0);
  }

  @Test
  void dmaRegisterReadsAsItsSignature() {
    assertThat(Integer.reverseBytes(config.read(4, 4))).isEqualTo(0x51454d55);
    assertThat(Integer.reverseBytes(config.read(8, 4))).isEqualTo(0x20434647);
  }

  @Test
  void numbersAreLittleEndianAndZerosFollow() {
    assertThat(read(FirmwareConfig.CPUS, 4)).containsExactly(2, 0, 0, 0);
    assertThat(read(FirmwareConfig.RAM_SIZE, 8))
        .containsExactly(0x89 - 256, 0x67, 0x45, 0x23, 1, 0, 0, 0);
    assertThat(read(0x7777, 2)).containsExactly(0, 0);
  }

  @Test
  void directoryListsFilesByName() {
    assertThat(directory().keySet()).containsExactly("etc/a", "etc/b");
    assertThat(read(directory().get("etc/b"), 6)).isEqualTo("second".getBytes(US_ASCII));
  }

  @Test
  void contentsAreMadeAtEachSelection() {
    int key = directory().get("etc/a");
    assertThat(new String(read(key, 5), US_ASCII)).isEqualTo("made0");
    assertThat(new String(read(key, 5), US_ASCII)).isEqualTo("made1");
  }

  @Test
  void dmaSelectsSkipsAndReads() {
    int key = directory().get("etc/b");

    assertThat(dma(key << 16 | 8 | 4, 2, 0)).isZero();
    assertThat(dma(2, 6, 0x2000)).isZero();

    assertThat(Arrays.copyOfRange(memory.bytes, 0x2000, 0x2006))
        .isEqualTo("cond\0\0".getBytes(US_ASCII));
  }

  @Test
  void dmaOutsideRamSetsTheErrorBit() {
    assertThat(dma(8 | 2, 4, 0x3ffe)).isEqualTo(1);
  }

  @Test
  void dmaWriteIsRefused() {
    assertThat(dma(16, 4, 0x2000)).isEqualTo(1);
  }

  @Test
  void dmaRequestOutsideRamIsIgnored() {
    config.write(4, 4, -1);
    config.write(8, 4, -1);
    assertThat(read(0, 4)).isEqualTo("QEMU".getBytes(US_ASCII));
  }
}
