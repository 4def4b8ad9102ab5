package org.swtdx.cpu.decode.objdump;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.Decoder;
import org.swtdx.cpu.exec.InstructionSet;

/**
 * Compares our decoder with objdump over 64-bit code: the length and mnemonic of every instruction,
 * and that an instruction is undefined exactly when objdump does not know it or our processor does
 * not have it. Arguments: ELF programs, kernel images and firmware images, or "opcode-maps" for one
 * instruction of each place of the maps.
 */
public final class ObjdumpComparison {
  private static final int SHOWN = 30;

  /** The argument that stands for every place of the opcode maps. */
  private static final String SPACE = "opcode-maps";

  /** Prefixes that objdump shows as words of their own before an instruction. */
  private static final Pattern PREFIXES =
      Pattern.compile(
          "^((data16|[cdefgs]s|lock|repn?z|rep|bnd|notrack|addr32|xacquire|xrelease|rex\\S*)(\\s+|$))+");

  /** Prefixes that select another instruction, or none, where objdump finds them superfluous. */
  private static final Pattern SUPERFLUOUS = Pattern.compile("\\b(data16|repn?z|lock) ");

  /** VEX encodings whose pp must be zero, which objdump does not look at. */
  private static final Pattern NO_PP = Pattern.compile("vzeroall|vzeroupper|v(ld|st)mxcsr");

  private static final Pattern PREDICATES =
      Pattern.compile(
          "^(v?cmp)(?:eq|lt|le|unord|neq|nlt|nle|ord|nge|ngt|false|ge|gt|true)(?:_[ou][sq])?([ps][sd])$");

  private static final Pattern QUADWORDS = Pattern.compile("^(v?)pclmul[lh]q[lh]qdq$");

  /**
   * Lines that are no instruction: an encoding objdump gives up on, prefixes alone, MOV to CS, and
   * FWAIT with what follows it as one.
   */
  private static final Pattern NOT_COMPARED =
      Pattern.compile("\\(bad\\)|^\\.byte|^$|\\?|^mov +cs,|^f(init|save|stsw|stcw|stenv|clex)\\b");

  /** AVX-512 code, whose encodings our decoder does not read. */
  private static final Pattern EVEX = Pattern.compile("^62 |[kz]mm|%k[0-7]|\\bk[0-7]\\b");

  private final Decoder decoder = new Decoder(InstructionSet.table());
  private final Handler undefined = decode(new int[] {0x0f, 0x0b}).handler;
  private final Mnemonics mnemonics = new Mnemonics();
  private final List<String> differences = new ArrayList<>();
  private long compared;

  ObjdumpComparison() throws IOException {}

  /** Compares whole files. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    ObjdumpComparison comparison = new ObjdumpComparison();
    for (String argument : arguments) {
      long before = comparison.compared;
      if (argument.equals(SPACE)) {
        comparison.code(InstructionSpace.code());
      } else {
        CodeImages.compare(comparison, Path.of(argument));
      }
      System.out.printf("%s: %d instructions%n", argument, comparison.compared - before);
    }
    comparison.differences.stream()
        .limit(Long.getLong("objdump.shown", SHOWN))
        .forEach(System.out::println);
    System.out.printf(
        "%d instructions, %d differ%n", comparison.compared, comparison.differences.size());
    System.exit(comparison.differences.isEmpty() ? 0 : 1);
  }

  long compared() {
    return compared;
  }

  List<String> differences() {
    return differences;
  }

  /** Compares the executable sections of an ELF file. */
  void program(Path file) throws IOException {
    run(List.of("objdump", "-dw", "-Mintel,intel64", "--insn-width=15", file.toString()));
  }

  /** Compares plain code. */
  void code(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("swtdx-code", ".bin");
    try {
      Files.write(file, bytes);
      run(
          List.of(
              "objdump",
              "-Dw",
              "-Mintel,intel64",
              "--insn-width=15",
              "-bbinary",
              "-mi386:x86-64",
              file.toString()));
    } finally {
      Files.delete(file);
    }
  }

  private void run(List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] parts = line.split("\t", -1);
        if (parts.length >= 3) {
          compare(line, parts[1].trim(), parts[2]);
        }
      }
    } finally {
      process.destroy();
    }
  }

  private Insn decode(int[] bytes) {
    return decoder.decode(at -> at < bytes.length ? bytes[at] : 0x90, 0x1000, 64, false);
  }

  private void compare(String line, String code, String text) {
    String instruction = PREFIXES.matcher(text).replaceFirst("");
    if (EVEX.matcher(code).find() || EVEX.matcher(text).find()) {
      return;
    }
    String[] hex = code.split(" +", -1);
    int[] bytes = new int[hex.length];
    for (int i = 0; i < hex.length; i++) {
      bytes[i] = Integer.parseInt(hex[i], 16);
    }
    Insn insn = decode(bytes);
    boolean ours = insn.handler != undefined;
    if (NOT_COMPARED.matcher(instruction).find()) {
      return;
    }
    compared++;
    String mnemonic = plain(instruction.split("\\s", 2)[0]);
    boolean absent = AbsentInstructions.contains(mnemonic, insn);
    if (absent && !ours) {
      return;
    }
    String name = mnemonics.of(insn);
    if (insn.length != hex.length) {
      differences.add(line + " -> length " + insn.length);
    } else if (!mnemonic.equals(name)) {
      differences.add(line + " -> " + Mnemonics.describe(insn) + " = " + name);
    } else if (absent) {
      differences.add(line + " -> not undefined");
    } else if (!ours && !allowsUndefined(text, mnemonic, insn)) {
      differences.add(line + " -> undefined");
    }
  }

  /** The mnemonic of the instruction of which objdump shows an alias that names its immediate. */
  private static String plain(String mnemonic) {
    String compare = PREDICATES.matcher(mnemonic).replaceFirst("$1$2");
    return QUADWORDS.matcher(compare).replaceFirst("$1pclmulqdq");
  }

  private static boolean allowsUndefined(String text, String mnemonic, Insn insn) {
    return SUPERFLUOUS.matcher(text).find()
        || insn.simdPrefix != 0 && NO_PP.matcher(mnemonic).matches();
  }
}
