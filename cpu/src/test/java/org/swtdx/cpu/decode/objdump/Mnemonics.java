package org.swtdx.cpu.decode.objdump;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.swtdx.cpu.core.Insn;

/**
 * The Intel mnemonics of objdump by what our decoder found: map, mandatory prefix and opcode, and
 * where they matter ModRM.reg, ModRM as a whole, whether there is a memory operand, the operand
 * size, W and L. The table is the resource {@code mnemonics.txt}, which explains its keys.
 */
final class Mnemonics {
  private final Map<String, String> names = new HashMap<>();

  Mnemonics() throws IOException {
    try (InputStream in = Mnemonics.class.getResourceAsStream("mnemonics.txt")) {
      if (in == null) {
        throw new IOException("mnemonics.txt is missing");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.split("\n", -1)) {
        int end = line.lastIndexOf(' ');
        if (end > 0 && !line.startsWith("#")) {
          names.put(line.substring(0, end), line.substring(end + 1));
        }
      }
    }
  }

  /** The place of an instruction in the opcode maps. */
  static String place(Insn insn) {
    return "%s%d.%02x".formatted(insn.has(Insn.VEX) ? "vex" : "map", insn.map, insn.opcode);
  }

  /** A property that a key may name. */
  static String property(Insn insn, char name) {
    return switch (name) {
      case 'p' -> new String[] {"np", "66", "f3", "f2"}[insn.simdPrefix];
      case '/' -> Integer.toString(insn.extension());
      case 'f' -> insn.memory ? "m" : "r";
      case 'x' -> insn.memory ? "m" + insn.extension() : Integer.toHexString(insn.modrm);
      case 's' -> Integer.toString(insn.size);
      case 'w' -> insn.has(Insn.W) ? "1" : "0";
      case 'l' -> Integer.toString(insn.vectorLength);
      case 'b' -> Integer.toString(insn.rm);
      default -> Integer.toString(insn.addressSize);
    };
  }

  /** The mnemonic, or the empty string where the table has none. */
  String of(Insn insn) {
    String key = place(insn);
    String name = names.getOrDefault(key, "");
    while (name.startsWith("?")) {
      char property = name.charAt(1);
      String specific = key + " " + property + property(insn, property);
      String other = key + " " + property + "*";
      key = names.containsKey(specific) ? specific : other;
      name = names.getOrDefault(key, "");
    }
    return name;
  }

  /** Every property of an instruction, for messages. */
  static String describe(Insn insn) {
    StringBuilder text = new StringBuilder(place(insn));
    for (char property : "p/fxswlba".toCharArray()) {
      text.append(' ').append(property).append(property(insn, property));
    }
    return text.toString();
  }
}
