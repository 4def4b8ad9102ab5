package org.swtdx.tdxmodule.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.swtdx.tdxmodule.exit.TdEntry;
import org.swtdx.tdxmodule.metadata.AccessMode;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.table.TableText;
import org.swtdx.tdxmodule.virt.TdMsrs;

/** The reference pages of the other tables: status codes, fields, virtualization, VM exits. */
final class TablePages {
  private static final String[] REGISTERS = {"EAX", "EBX", "ECX", "EDX"};

  private TablePages() {}

  /** Pages by file name. */
  static Map<String, String> all() {
    Map<String, String> pages = new TreeMap<>();
    pages.put("index.rst", index());
    pages.put("status-codes.rst", statusCodes());
    pages.put("operand-ids.rst", operandIds());
    pages.put("platform-fields.rst", fields("Platform-scope fields", "platform-fields.txt"));
    pages.put("td-fields.rst", fields("TD-scope fields", "td-fields.txt"));
    pages.put("vcpu-fields.rst", fields("vCPU-scope fields", "vcpu-fields.txt"));
    pages.put("cpuid.rst", cpuid());
    pages.put("msr.rst", msr());
    pages.put("vm-exits.rst", exits());
    return pages;
  }

  private static String index() {
    return new Rst()
        .title("Tables of the module")
        .paragraph("What the module loads at its start, rendered.")
        .raw(
            """
            .. toctree::
               :maxdepth: 1

               status-codes
               operand-ids
               platform-fields
               td-fields
               vcpu-fields
               cpuid
               msr
               vm-exits\
            """)
        .toString();
  }

  private static String statusCodes() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("bits 63:32", "name", "meaning"));
    for (String line : TableText.rows(Status.class, "status-codes.txt")) {
      String[] w = line.split(" ", 3);
      rows.add(List.of(w[0], Rst.literal(w[1]), w.length > 2 ? Rst.escape(w[2]) : ""));
    }
    return new Rst()
        .title("Completion status codes")
        .paragraph(
            "Bit 63 says error, 62 that repeating cannot help, 61 that the TD is lost; bits 47:40"
                + " are the class. Bits 31:0 of RAX hold details. Codes without a meaning belong to"
                + " features or hardware that this module does not have.")
        .table("15 40 45", rows)
        .toString();
  }

  private static String operandIds() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("id", "name"));
    for (String line : TableText.rows(Status.class, "operands.txt")) {
      String[] w = line.split(" ", 2);
      rows.add(List.of(w[0], Rst.literal(w[1])));
    }
    return new Rst()
        .title("Operand ids")
        .paragraph("What the details of OPERAND_INVALID, OPERAND_BUSY and others name.")
        .table("20 80", rows)
        .toString();
  }

  private static String fields(String title, String table) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("field", "id", "count", "bits", "host", "debug host", "guest"));
    for (String line : TableText.rows(AccessMode.class, table)) {
      String[] w = line.split(" ", -1);
      long id = Long.parseUnsignedLong(w[1], 16);
      rows.add(
          List.of(
              Rst.literal(w[0]),
              w[1],
              w[2].replace("x", " x "),
              String.valueOf(8 << (int) (id >>> 32 & 3)),
              access(w[3], w[4]),
              access(w[5], w[6]),
              access(w[7], w[8])));
    }
    return new Rst()
        .title(title)
        .paragraph(
            "Ids are of the first element; count is fields x elements. r and w say that all bits"
                + " may be read or written, a mask in hexadecimal that those may. A field that has"
                + " no value in this module reads 0 or is refused, see the description of the"
                + " module.")
        .table("34 20 9 6 11 11 9", rows)
        .toString();
  }

  private static String access(String read, String write) {
    return one("r", read) + one(" w", write);
  }

  private static String one(String letter, String mask) {
    return switch (mask) {
      case "-" -> "";
      case "*" -> letter;
      default -> letter + " " + mask;
    };
  }

  private static String cpuid() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("leaf", "CPUID_CONFIG", "what"));
    for (String line : TableText.rows(TdMsrs.class, "cpuid.txt")) {
      List<String> words = Arrays.asList(line.split(" ", -1));
      String config =
          words.stream()
              .filter(w -> w.startsWith("config="))
              .map(w -> w.substring("config=".length()))
              .findFirst()
              .orElse("");
      List<String> what = new ArrayList<>();
      for (String w : words.subList(2, words.size())) {
        if (!w.startsWith("config=")) {
          what.add(disposition(w));
        }
      }
      rows.add(List.of("0x" + words.getFirst(), config, String.join("; ", what)));
    }
    return new Rst()
        .title("CPUID virtualization")
        .paragraph(
            "Leaf and sub-leaf, the position in TD_PARAMS.CPUID_CONFIG where the host has a say,"
                + " and which bits are fixed, chosen, or follow XFAM; others are the processor's"
                + " own. What is not listed is #VE.")
        .table("15 15 70", rows)
        .toString();
  }

  private static String disposition(String word) {
    int equals = word.indexOf('=');
    if (equals < 0) {
      return word.equals("ve") ? "always #VE" : "0, or computed when read";
    }
    String key = word.substring(0, equals);
    String name =
        switch (key) {
          case "one" -> "always 1:";
          case "zero" -> "0 or computed:";
          case "host" -> "chosen by the host:";
          case "allow" -> "native, the host may clear:";
          default ->
              "with XFAM bits " + key.substring(5, key.length() - 1).replace(",", ", ") + ":";
        };
    String[] masks = word.substring(equals + 1).split(",", -1);
    StringBuilder text = new StringBuilder(name);
    for (int i = 0; i < masks.length; i++) {
      if (!masks[i].equals("0")) {
        text.append(' ').append(REGISTERS[i]).append(' ').append(masks[i]);
      }
    }
    return text.toString();
  }

  private static String msr() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("index", "read", "write"));
    for (String line : TableText.rows(TdMsrs.class, "msr.txt")) {
      String[] w = line.split(" ", -1);
      rows.add(List.of("0x" + w[0], w[1], w[2]));
    }
    return new Rst()
        .title("MSR virtualization")
        .paragraph(
            "native is the processor's own register, module an answer of the module, gp #GP(0), ve"
                + " #VE, gp/ve #GP(0) without the CPUID feature and #VE with it; FEATURE:x is"
                + " native for a TD with the feature and x for others. What is not listed is #VE.")
        .table("30 35 35", rows)
        .toString();
  }

  private static String exits() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("reason", "name", "what follows"));
    for (String line : TableText.rows(TdEntry.class, "vm-exits.txt")) {
      String[] w = line.split(" ", 4);
      String what =
          switch (w[2]) {
            case "host" -> "leaves the TD";
            case "ve" -> "#VE";
            case "ud" -> "#UD";
            case "gp" -> "#GP(0)";
            case "debug" -> "leaves a debuggable TD, fatal to others";
            default -> w[3];
          };
      rows.add(List.of(w[0], Rst.literal(w[1]), Rst.escape(what)));
    }
    return new Rst()
        .title("VM exits")
        .paragraph("What the module does on each VM exit of a guest.")
        .table("10 35 55", rows)
        .toString();
  }
}
