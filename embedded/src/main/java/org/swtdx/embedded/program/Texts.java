package org.swtdx.embedded.program;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.swtdx.embedded.assembler.Assembler;
import org.swtdx.embedded.assembler.Label;

/** The strings of the program; each ends with a zero byte. */
final class Texts {
  private final Map<String, Label> labels = new LinkedHashMap<>();

  /** Returns where a string will be. */
  Label text(String text) {
    return labels.computeIfAbsent(text, Label::new);
  }

  /** Appends all strings that were asked for. */
  void emit(Assembler asm) {
    labels.forEach(
        (text, label) -> {
          byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
          asm.bind(label).bytes(Arrays.copyOf(bytes, bytes.length + 1));
        });
  }
}
