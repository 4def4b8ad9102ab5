package org.swtdx.attestation.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.swtdx.attestation.eventlog.Sha384;

class AuthenticodeTest {
  private static final int OPTIONAL = 64 + 4 + 20;
  private static final int CHECKSUM = OPTIONAL + 64;
  private static final int CERTIFICATE_ENTRY = OPTIONAL + 112 + 32;

  private final byte[] image = Firmware.pe(3);

  @Test
  void headersAndSectionsAreHashedInTheOrderOfTheFile() throws PredictionException {
    byte[] entry = Arrays.copyOfRange(image, 0, CHECKSUM);
    byte[] middle = Arrays.copyOfRange(image, CHECKSUM + 4, CERTIFICATE_ENTRY);
    byte[] rest = Arrays.copyOfRange(image, CERTIFICATE_ENTRY + 8, 0x500);

    assertThat(Authenticode.sha384(image)).isEqualTo(Sha384.hex(entry, middle, rest));
  }

  @Test
  void checksumAndCertificatesDoNotCount() throws PredictionException {
    String hash = Authenticode.sha384(image);
    for (int at : new int[] {CHECKSUM, CHECKSUM + 3, 0x500, 0x507}) {
      byte[] changed = image.clone();
      changed[at] ^= 1;
      assertThat(Authenticode.sha384(changed)).isEqualTo(hash);
    }
    for (int at : new int[] {2, CHECKSUM + 4, 0x1ff, 0x200, 0x3ff, 0x400, 0x4ff}) {
      byte[] changed = image.clone();
      changed[at] ^= 1;
      assertThat(Authenticode.sha384(changed)).as("byte 0x%x", at).isNotEqualTo(hash);
    }
  }

  @Test
  void damagedImagesAreRefused() {
    for (int length : new int[] {0, 10, 63, 100, 200, 0x150, 0x300}) {
      assertThatThrownBy(() -> Authenticode.sha384(Arrays.copyOf(image, length)))
          .isInstanceOf(PredictionException.class);
    }
    Random random = new Random(7);
    for (int round = 0; round < 3000; round++) {
      byte[] changed = image.clone();
      for (int flips = 0; flips < 4; flips++) {
        changed[random.nextInt(0x200)] = (byte) random.nextInt();
      }
      try {
        assertThat(Authenticode.sha384(changed)).hasSize(96);
      } catch (PredictionException e) {
        assertThat(e.getMessage()).contains("; ");
      }
    }
  }
}
