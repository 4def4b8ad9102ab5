package org.swtdx.cpu.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lengths of 16- and 32-bit instructions against objdump's, over arbitrary bytes. */
class DecoderLengthTest {
  private static final Path OBJDUMP = Path.of("/usr/bin/objdump");
  private static final int MOST = 250_000;

  /** Encodings that this processor does not have (EVEX, XOP), and prefixes shown on their own. */
  private static final Pattern NOT_COMPARED =
      Pattern.compile(
          "\\(bad\\)|^(data16|data32|addr16|addr32|rex\\S*|[cdesfg]s|repn?z|lock|\\.byte)\\b|^f?wait|^vp|^v[a-z0-9]+"
              + " .*[kz]mm|%k[0-7]");

  @ParameterizedTest
  @CsvSource({"32, i386", "16, i8086"})
  void lengthsOfArbitraryBytesAreThoseOfObjdump(int codeSize, String machine) throws IOException {
    requireObjdump();
    Path sample = Files.createTempFile("decoder", ".bin");
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/usr/bin/objdump"));
      Files.write(sample, java.util.Arrays.copyOfRange(bytes, bytes.length / 4, bytes.length / 2));
      int compared =
          compare(
              codeSize,
              List.of(
                  "objdump",
                  "-Dw",
                  "--insn-width=15",
                  "-b",
                  "binary",
                  "-m",
                  machine,
                  sample.toString()));
      assertThat(compared).isGreaterThan(5_000);
    } finally {
      Files.delete(sample);
    }
  }

  private static void requireObjdump() {
    if (Files.isExecutable(OBJDUMP)) {
      return;
    }
    String reason = "objdump is missing: install the package binutils";
    if ("true".equals(System.getenv("CI"))) {
      fail(reason);
    }
    assumeTrue(false, reason);
  }

  private static int compare(int codeSize, List<String> command) throws IOException {
    Decoder decoder = new Decoder(new OpcodeTable());
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1))) {
      for (String line = lines.readLine();
          line != null && compared < MOST;
          line = lines.readLine()) {
        String[] parts = line.split("\t", -1);
        if (parts.length < 3 || NOT_COMPARED.matcher(parts[2]).find()) {
          continue;
        }
        String[] hex = parts[1].trim().split(" +");
        if (hex[0].equals("62") && codeSize == 64) {
          continue;
        }
        compared++;
        int length = length(decoder, hex, codeSize);
        if (length != hex.length) {
          wrong.add(line + " -> " + length);
        }
      }
    } finally {
      process.destroy();
    }
    assertThat(wrong).isEmpty();
    return compared;
  }

  private static int length(Decoder decoder, String[] hex, int codeSize) {
    int[] bytes = new int[32];
    for (int i = 0; i < hex.length; i++) {
      bytes[i] = Integer.parseInt(hex[i], 16);
    }
    return decoder.decode(offset -> bytes[offset], 0x1000, codeSize, false).length;
  }
}
