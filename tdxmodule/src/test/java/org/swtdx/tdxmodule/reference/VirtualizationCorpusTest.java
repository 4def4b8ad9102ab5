package org.swtdx.tdxmodule.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.swtdx.tdxmodule.table.TableText;
import org.swtdx.tdxmodule.virt.TdCpuid;
import org.swtdx.tdxmodule.virt.TdMsrs;
import tools.jackson.databind.JsonNode;

/**
 * Every mask and action of the CPUID and MSR tables against the facts they were made from.
 *
 * <p>Where the facts are wrong: their list of what a host may configure numbers its entries as they
 * stand in the module's source, and the source states another index for eleven of them, which the
 * module's other table uses too. That index is the position in TD_PARAMS.CPUID_CONFIG.
 */
class VirtualizationCorpusTest {
  private static final List<String> REGISTERS = List.of("eax", "ebx", "ecx", "edx");
  private static final int ENTRIES = 69, CONFIGURABLE = 18, MSRS = 135;

  /** Leaves whose position the facts' list of configurable leaves has wrong. */
  private static final Set<String> MISNUMBERED =
      Set.of("7.2", "a", "1c", "1f.0", "1f.1", "1f.2", "1f.3", "1f.4", "1f.5", "23.0", "80000008");

  /** One row of {@code cpuid.txt}: its slot, and its words by the name before the equals sign. */
  private record CpuidRow(int slot, Map<String, String> words) {
    static CpuidRow parse(String[] columns) {
      Map<String, String> words = new HashMap<>();
      for (String word : Arrays.asList(columns).subList(2, columns.length)) {
        String[] pair = word.split("=", 2);
        words.put(pair[0], pair.length > 1 ? pair[1] : "ffffffff,ffffffff,ffffffff,ffffffff");
      }
      return new CpuidRow(Integer.parseInt(columns[1]), words);
    }

    List<Long> masks(String word) {
      return Arrays.stream(words.getOrDefault(word, "0,0,0,0").split(",", -1))
          .map(mask -> Long.parseLong(mask, 16))
          .toList();
    }

    @Nullable Integer config() {
      String config = words.get("config");
      return config == null ? null : Integer.valueOf(config);
    }
  }

  private static Map<String, CpuidRow> cpuidRows() {
    Map<String, CpuidRow> rows = new TreeMap<>();
    for (String line : TableText.rows(TdCpuid.class, "cpuid.txt")) {
      String[] columns = line.split(" ", -1);
      assertThat(rows.put(columns[0], CpuidRow.parse(columns))).as(columns[0]).isNull();
    }
    return rows;
  }

  private static String name(JsonNode entry) {
    String leaf = entry.get("leaf").asString().substring(2);
    JsonNode sub = entry.get("subleaf");
    return sub.isNull() ? leaf : leaf + "." + sub.asString().substring(2);
  }

  private static long number(@Nullable JsonNode hex) {
    return hex == null ? 0 : Long.parseUnsignedLong(hex.asString().substring(2), 16);
  }

  private static List<Long> masks(JsonNode byRegister) {
    return REGISTERS.stream().map(r -> number(byRegister.get(r))).toList();
  }

  /** The row for an entry of the facts, which is in the same slot. */
  private static CpuidRow rowOf(JsonNode entry, Map<String, CpuidRow> rows) {
    String name = name(entry);
    CpuidRow row = rows.get(name);
    assertThat(row).as(name).isNotNull();
    assertThat(row.slot()).as("slot of %s", name).isEqualTo(entry.get("lookup_index").asInt());
    return row;
  }

  @Test
  void everyCpuidBitIsOfTheKindThatTheFactsSay() {
    Map<String, CpuidRow> rows = cpuidRows();
    Set<String> named = new TreeSet<>();
    for (JsonNode entry : Corpus.facts("cpuid_virtualization.json").get("lookup")) {
      String name = name(entry);
      CpuidRow row = rowOf(entry, rows);
      named.add(name);
      assertThat(entry.get("valid_entry").asBoolean()).as(name).isTrue();
      assertThat(row.words().containsKey("ve"))
          .as("whether %s is #VE", name)
          .isEqualTo(entry.get("faulting_ve").asBoolean());
      JsonNode config = entry.get("config_index");
      assertThat(String.valueOf(row.config()))
          .as("position of %s", name)
          .isEqualTo(config.isNull() ? "null" : config.asString());
      assertThat(row.masks("one")).as("ones of %s", name).isEqualTo(masks(entry.get("fixed1")));
      assertThat(row.masks("zero"))
          .as("zeros of %s", name)
          .isEqualTo(masks(entry.get("fixed0_or_dynamic")));
      kinds(name, row, entry.get("per_register_disposition"));
    }
    assertThat(named).isEqualTo(rows.keySet()).hasSize(ENTRIES);
  }

  /** Once more by register, with the bits that are the processor's own: those of no other kind. */
  private static void kinds(String name, CpuidRow row, JsonNode byRegister) {
    for (int r = 0; r < REGISTERS.size(); r++) {
      JsonNode kinds = byRegister.get(REGISTERS.get(r));
      Map<String, Long> wanted = new TreeMap<>();
      Map<String, Long> tabled = new TreeMap<>();
      long rest = 0xffff_ffffL;
      for (String[] kind :
          new String[][] {
            {"fixed1", "one"},
            {"fixed0_or_dynamic", "zero"},
            {"config_direct", "host"},
            {"allow_if_native", "allow"}
          }) {
        wanted.put(kind[1], number(kinds.get(kind[0])));
        long mask = row.masks(kind[1]).get(r);
        tabled.put(kind[1], mask);
        assertThat(mask & ~rest).as("bits of two kinds in %s", name).isZero();
        rest &= ~mask;
      }
      wanted.put("native", number(kinds.get("native")));
      tabled.put("native", rest);
      assertThat(tabled).as("%s of %s", REGISTERS.get(r), name).isEqualTo(wanted);
    }
  }

  @Test
  void whatAHostMayConfigureIsWhatTheFactsSay() {
    Map<String, CpuidRow> rows = cpuidRows();
    Set<String> misnumbered = new TreeSet<>();
    List<String> named = new ArrayList<>();
    for (JsonNode entry : Corpus.facts("cpuid_virtualization.json").get("configurable")) {
      String name = name(entry);
      CpuidRow row = rowOf(entry, rows);
      named.add(name);
      assertThat(row.masks("host"))
          .as("bits of %s that the host sets", name)
          .isEqualTo(masks(entry.get("config_direct")));
      assertThat(row.masks("allow"))
          .as("bits of %s that the host allows", name)
          .isEqualTo(masks(entry.get("allow_direct")));
      if (!Integer.valueOf(entry.get("config_index").asInt()).equals(row.config())) {
        misnumbered.add(name);
      }
    }
    assertThat(named).hasSize(CONFIGURABLE);
    assertThat(misnumbered).isEqualTo(MISNUMBERED);
    assertThat(rows.values().stream().map(CpuidRow::config).filter(c -> c != null))
        .as("positions")
        .hasSize(CONFIGURABLE)
        .doesNotHaveDuplicates()
        .allMatch(c -> c < CONFIGURABLE);
    rows.forEach(
        (name, row) -> {
          if (row.config() == null) {
            assertThat(row.words()).as(name).doesNotContainKeys("host", "allow");
          }
        });
  }

  @Test
  void bitsThatNeedExtendedFeaturesAreThoseOfTheFacts() {
    Map<String, List<Long>> wanted = new TreeMap<>();
    Corpus.facts("cpuid_virtualization.json")
        .get("xfam_masks_clear_if_xfam_bit_0")
        .forEachEntry(
            (leaf, bits) -> {
              String name = leaf.replace(".0xffffffff", "").replace("0x", "");
              bits.forEachEntry((bit, masks) -> wanted.put(name + " " + bit, masks(masks)));
            });
    Map<String, List<Long>> tabled = new TreeMap<>();
    cpuidRows()
        .forEach(
            (name, row) -> {
              for (String word : row.words().keySet()) {
                if (word.startsWith("xfam(")) {
                  String bits = word.substring("xfam(".length(), word.length() - 1);
                  for (String bit : bits.split(",", -1)) {
                    tabled.put(name + " " + bit, row.masks(word));
                  }
                }
              }
            });
    assertThat(tabled).isEqualTo(wanted).isNotEmpty();
  }

  @Test
  void everyMsrDoesWhatTheFactsSay() {
    Map<String, String> tabled = new TreeMap<>();
    for (String line : TableText.rows(TdMsrs.class, "msr.txt")) {
      String[] columns = line.split(" ", 2);
      assertThat(tabled.put(columns[0], columns[1])).as(columns[0]).isNull();
    }
    Map<String, String> wanted = new TreeMap<>();
    for (JsonNode msr : Corpus.facts("msr_virtualization.json").get("msrs")) {
      String first = Long.toHexString(number(msr.get("first")));
      String last = Long.toHexString(number(msr.get("last")));
      wanted.put(
          first.equals(last) ? first : first + "-" + last,
          action(msr, "rd") + " " + action(msr, "wr"));
    }
    assertThat(tabled).isEqualTo(wanted).hasSize(MSRS);
  }

  private static String action(JsonNode msr, String access) {
    String bit = msr.get(access + "_bit").asString().replace("MSR_BITMAP_", "");
    String exit =
        switch (msr.get(access + "_action").asString().replace("MSR_ACTION_", "")) {
          case "GP" -> "gp";
          case "VE" -> "ve";
          case "GP_OR_VE" -> "gp/ve";
          case "OTHER" -> "module";
          case "FATAL_ERROR" -> "never"; // there is no exit
          case String other -> throw new AssertionError(other);
        };
    return switch (bit) {
      case "FIXED_0" -> exit.equals("never") ? "native" : "native, and " + exit;
      case "FIXED_1" -> exit;
      default -> bit.replaceFirst("DYN_(XFAM_)?", "").toLowerCase(Locale.ROOT) + ":" + exit;
    };
  }
}
