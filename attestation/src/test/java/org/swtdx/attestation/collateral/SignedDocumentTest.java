package org.swtdx.attestation.collateral;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SignedDocumentTest {
  private static final String SIGNATURE = "ab".repeat(64);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"a\":{\"b\":[1,2,{\"c\":\"}\"}]}}",
        "{ \"space\" : [ 1 ,\n2 ] }",
        "{\"umlaut\":\"ä€𝄞\\u00e4\"}"
      })
  void bodyIsTheBytesBetweenTheBraces(String body) throws Exception {
    String before = "{\"tcbInfo\":" + body + ",\"signature\":\"" + SIGNATURE + "\"}";
    String after = " { \"signature\" : \"" + SIGNATURE + "\" , \"tcbInfo\" :  " + body + "  } \n";

    for (String response : new String[] {before, after}) {
      SignedDocument document = SignedDocument.ofTcbInfoResponse(response.getBytes(UTF_8));

      assertThat(new String(document.body(), UTF_8)).isEqualTo(body);
      assertThat(document.signature()).containsOnly(0xab);
    }
  }

  @Test
  void responseIsWhatItWasReadFrom() throws Exception {
    String response = "{\"enclaveIdentity\":{\"id\": 1},\"signature\":\"" + SIGNATURE + "\"}";

    SignedDocument document = SignedDocument.ofQeIdentityResponse(response.getBytes(UTF_8));

    assertThat(new String(document.toResponse("enclaveIdentity"), UTF_8)).isEqualTo(response);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"tcbInfo\":{}}",
        "{\"tcbInfo\":{},\"signature\":1}",
        "{\"tcbInfo\":{},\"signature\":\"abab\"}",
        "{\"tcbInfo\":{},\"tcbInfo\":{},\"signature\":\"SIG\"}",
        "{\"tcbInfo\":{},\"signature\":\"SIG\",\"signature\":\"SIG\"}",
        "{\"tcbInfo\":{},\"signature\":\"SIG\",\"extra\":0}",
        "{\"tcbInfo\":{},\"signature\":\"SIG\"} x",
        "{\"tcbInfo\":{},\"signature\":\"SIG\"",
        "{\"tcbInfo\":{\"a\":1,\"\\u0061\":2},\"signature\":\"SIG\"}",
        "\uFEFF{\"tcbInfo\":{},\"signature\":\"SIG\"}"
      })
  void ambiguousOrBrokenResponseIsRefused(String response) {
    byte[] bytes = response.replace("SIG", SIGNATURE).getBytes(UTF_8);

    assertThatExceptionOfType(CollateralException.class)
        .isThrownBy(() -> SignedDocument.ofTcbInfoResponse(bytes));
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    byte[] overlong =
        ("{\"tcbInfo\":{\"a\":\"\u00ff\"},\"signature\":\"" + SIGNATURE + "\"}")
            .getBytes(ISO_8859_1);

    assertThatExceptionOfType(CollateralException.class)
        .isThrownBy(() -> SignedDocument.ofTcbInfoResponse(overlong))
        .withMessageContaining("not UTF-8");
  }
}
