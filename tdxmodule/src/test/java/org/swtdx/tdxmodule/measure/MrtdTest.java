package org.swtdx.tdxmodule.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MrtdTest {
  @Test
  void emptyMeasurementIsTheHashOfNothing() {
    assertThat(new Mrtd().finish()).isEqualTo(Sha384.of(new byte[0]));
  }

  @Test
  void addingAPageHashesOneBlockWithItsAddressAtByteSixteen() {
    Mrtd mrtd = new Mrtd();

    mrtd.addPage(0x80_7654_3000L);

    assertThat(mrtd.finish()).isEqualTo(Sha384.of(block("MEM.PAGE.ADD", 0x80_7654_3000L)));
  }

  @Test
  void extendingHashesItsBlockAndThenTheContents() {
    byte[] data = new byte[Mrtd.CHUNK];
    new Random(1).nextBytes(data);
    Mrtd mrtd = new Mrtd();

    mrtd.extend(0x1100, data, 0);

    MessageDigest expected = Sha384.start();
    expected.update(block("MR.EXTEND", 0x1100));
    expected.update(data);
    assertThat(mrtd.finish()).isEqualTo(expected.digest());
  }

  @Test
  void recordsOfManyPagesHashAsIfEachHadBeenHashedAtOnce() throws Exception {
    byte[] page = new byte[4096];
    Random random = new Random(2);
    MessageDigest expected = MessageDigest.getInstance("SHA-384");
    Mrtd mrtd = new Mrtd();
    for (int i = 0; i < 37; i++) {
      long gpa = 0xfff0_0000L + i * 4096L;
      random.nextBytes(page);
      mrtd.addPage(gpa);
      expected.update(block("MEM.PAGE.ADD", gpa));
      for (int chunk = 0; chunk < 4096 && i % 3 != 0; chunk += Mrtd.CHUNK) {
        mrtd.extend(gpa + chunk, page, chunk);
        expected.update(block("MR.EXTEND", gpa + chunk));
        expected.update(page, chunk, Mrtd.CHUNK);
      }
    }

    assertThat(mrtd.finish()).isEqualTo(expected.digest());
  }

  @Test
  void oneFlippedBitChangesTheMeasurement() {
    byte[] data = new byte[Mrtd.CHUNK];
    byte[] other = data.clone();
    other[200] ^= 8;
    Mrtd mrtd = new Mrtd();
    mrtd.extend(0, data, 0);
    byte[] first = mrtd.finish();

    mrtd.extend(0, other, 0);

    assertThat(mrtd.finish()).isNotEqualTo(first);
  }

  @Test
  void registersExtendWithTheirOldValueFirst() {
    byte[] data = new byte[Sha384.SIZE];
    Arrays.fill(data, (byte) 0x5a);
    RuntimeMeasurements registers = new RuntimeMeasurements();

    registers.extend(2, data);
    byte[] once = registers.get(2);
    registers.extend(2, data);

    byte[] input = new byte[2 * Sha384.SIZE];
    System.arraycopy(data, 0, input, Sha384.SIZE, Sha384.SIZE);
    assertThat(once).isEqualTo(Sha384.of(input));
    System.arraycopy(once, 0, input, 0, Sha384.SIZE);
    assertThat(registers.get(2)).isEqualTo(Sha384.of(input));
    assertThat(registers.get(1)).containsOnly(0);
    assertThat(registers.element(2, 5)).isEqualTo(LittleEndian.u64(registers.get(2), 40));
  }

  private static byte[] block(String name, long gpa) {
    byte[] block = Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), 128);
    for (int i = 0; i < 8; i++) {
      block[16 + i] = (byte) (gpa >>> 8 * i);
    }
    return block;
  }
}
