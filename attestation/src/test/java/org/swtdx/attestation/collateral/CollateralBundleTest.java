package org.swtdx.attestation.collateral;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Optional;
import org.junit.jupiter.api.Test;

final class CollateralBundleTest {
  private static final byte[] SIGNATURE = new byte[SignedDocument.SIGNATURE_SIZE];

  private static Collateral collateral(String tcbInfo) throws CollateralException {
    return new Collateral(
        new byte[] {1, 2},
        new byte[] {3},
        Optional.of("chain\n"),
        new SignedDocument(tcbInfo.getBytes(UTF_8), SIGNATURE),
        "tcb chain\n",
        new SignedDocument("{\"b\" : \"é\"}".getBytes(UTF_8), SIGNATURE),
        "qe chain\n",
        Optional.empty());
  }

  @Test
  void bundleGivesBackTheBytesItWasMadeOf() throws Exception {
    Collateral original = collateral("{ \"id\":\"TDX\",\t\"x\":[ 1, 2 ] }");

    assertThat(CollateralBundle.parse(CollateralBundle.toJson(original))).isEqualTo(original);
  }

  @Test
  void otherBytesAreOtherCollateral() throws Exception {
    assertThat(collateral("{}")).isNotEqualTo(collateral("{} "));
  }

  @Test
  void repeatedNameIsRefused() throws Exception {
    String json =
        new String(CollateralBundle.toJson(collateral("{}")), UTF_8)
            .replaceFirst("\"pck_crl\"", "\"pck_crl\":\"00\",\"pck_crl\"");

    assertThatExceptionOfType(CollateralException.class)
        .isThrownBy(() -> CollateralBundle.parse(json.getBytes(UTF_8)))
        .withMessageContaining("pck_crl");
  }

  @Test
  void missingPartIsNamed() throws Exception {
    String json =
        new String(CollateralBundle.toJson(collateral("{}")), UTF_8)
            .replace("\"tcb_info_signature\"", "\"other\"");

    assertThatExceptionOfType(CollateralException.class)
        .isThrownBy(() -> CollateralBundle.parse(json.getBytes(UTF_8)))
        .withMessage("collateral bundle has no tcb_info_signature");
  }
}
