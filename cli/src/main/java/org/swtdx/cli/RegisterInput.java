package org.swtdx.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;
import org.swtdx.attestation.eventlog.MeasurementRegister;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.QuoteFormatException;
import org.swtdx.attestation.quote.TdQuoteBody;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** RTMR values from a quote that the user names. */
final class RegisterInput {
  private static final int MOST_BYTES = 4 << 20;
  private static final int RTMRS = 4;
  private static final Pattern HEXADECIMAL = Pattern.compile("[0-9a-fA-F\\s]*");

  private RegisterInput() {}

  /**
   * Reads a quote: raw, in hexadecimal, or as {@code quote} in a JSON document, as dstack's quote
   * reports have it beside their event log.
   */
  static Map<MeasurementRegister, String> ofQuote(Path path) throws InputException {
    byte[] bytes = InputFile.read(path, "TDX quote", MOST_BYTES);
    try {
      if (!(Quote.parse(raw(bytes)).body() instanceof TdQuoteBody body)) {
        throw new InputException(
            path + ": the quote is an enclave's, not a TD's; RTMRs are a TD's");
      }
      Map<MeasurementRegister, String> values = new EnumMap<>(MeasurementRegister.class);
      for (int i = 0; i < RTMRS; i++) {
        values.put(MeasurementRegister.rtmr(i), HexFormat.of().formatHex(body.rtmr(i)));
      }
      return values;
    } catch (QuoteFormatException | JacksonException | IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw (InputException) new InputException(path + ": no TDX quote: " + reason).initCause(e);
    }
  }

  private static byte[] raw(byte[] bytes) {
    String text = new String(bytes, ISO_8859_1).strip();
    if (text.startsWith("{")) {
      text = new JsonMapper().readTree(bytes).path("quote").asString("");
    } else if (text.isEmpty() || !HEXADECIMAL.matcher(text).matches()) {
      return bytes;
    }
    return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
  }
}
