package org.swtdx.attestation.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.Charset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes of ASCII and others take two ways through the parser, with the same answers. */
final class StrictJsonTest {
  private static void assertRefused(byte[] bytes) {
    assertThatExceptionOfType(JsonFormatException.class)
        .isThrownBy(() -> StrictJson.object(bytes, "it"));
  }

  @Test
  void textIsReadAsItIs() throws JsonFormatException {
    for (String text : List.of("plain", "caf\u00e9 \u4e2d")) {
      byte[] bytes = "{\"a\":\"%s\"}".formatted(text).getBytes(UTF_8);

      assertThat(StrictJson.object(bytes, "it").text("a")).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,\"a\":1}",
        "{\"a\":1} {}",
        "{\"a\":1}}",
        "{\"a\":01}",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\":NaN}",
        "// {}\n{\"a\":1}",
        "[1]",
        "1",
        "",
        "{\"a\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}"
      })
  void ambiguousTextIsRefusedOnBothWays(String text) {
    assertRefused(text.getBytes(UTF_8));
    assertRefused(text.replace('a', '\u00e9').getBytes(UTF_8));
  }

  @Test
  void otherEncodingsAreRefused() {
    for (Charset charset : List.of(UTF_16, UTF_16BE, UTF_16LE, Charset.forName("UTF-32LE"))) {
      assertRefused("{\"a\":1}".getBytes(charset));
    }
    assertRefused("{\"\u00e9\":1}".getBytes(ISO_8859_1));
    assertRefused("\ufeff{\"a\":1}".getBytes(UTF_8));
  }

  @Test
  void controlCharactersAreOnlyTakenWhereLinesAreExpected() throws JsonFormatException {
    JsonFields fields = StrictJson.object("{\"a\":\"b\\nc\"}".getBytes(UTF_8), "it");

    assertThat(fields.lines("a")).isEqualTo("b\nc");
    assertThatExceptionOfType(JsonFormatException.class)
        .isThrownBy(() -> fields.text("a"))
        .withMessage("it.a has a control character");
  }
}
