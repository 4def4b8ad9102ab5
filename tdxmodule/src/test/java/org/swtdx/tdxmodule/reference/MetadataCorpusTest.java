package org.swtdx.tdxmodule.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.tdxmodule.metadata.FieldTable;
import org.swtdx.tdxmodule.table.TableText;
import tools.jackson.databind.JsonNode;

/**
 * Every metadata field against the facts that the tables were made from: id, with it the size of an
 * element, numbers of fields and elements, and what host, debug host and guest may read and write.
 * The fields of a nested VM's VMCS are left out, as the module has no nested VMs.
 */
class MetadataCorpusTest {
  /** VMCS fields called as TDVPS fields are; the table tells them apart by a prefix. */
  private static final Set<String> CALLED_ALIKE =
      Set.of("EPTP_INDEX", "EXIT_REASON", "EXIT_QUALIFICATION");

  private static final List<String> GLOBAL =
      List.of("vmm_rd", "vmm_wr", "vmm_rd", "vmm_wr", "guest_rd", "guest_wr");
  private static final List<String> OF_TD =
      List.of("prod_rd", "prod_wr", "dbg_rd", "dbg_wr", "guest_rd", "guest_wr");

  @ParameterizedTest
  @CsvSource({
    "platform-fields.txt, global, 67",
    "td-fields.txt, td, 86",
    "vcpu-fields.txt, vcpu_tdvps vcpu_td_vmcs, 263"
  })
  void everyFieldIsThatOfTheFacts(String table, String sections, int count) {
    List<String> tabled = new ArrayList<>();
    for (String line : TableText.rows(FieldTable.class, table)) {
      String[] words = line.split(" ", -1);
      int size = 8 << Character.digit(words[1].charAt(7), 16) % 4;
      StringBuilder row = new StringBuilder(words[0].toUpperCase(Locale.ROOT));
      row.append(' ').append(words[1]).append(' ').append(words[2]);
      for (int i = 3; i < words.length; i++) {
        row.append(' ').append(Long.toHexString(mask(words[i], size)));
      }
      tabled.add(row.toString());
    }
    List<String> wanted = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    JsonNode facts = Corpus.facts("metadata_fields.json");
    for (String section : sections.split(" ", -1)) {
      for (JsonNode field : facts.get(section)) {
        String id = field.get("field_id").asString().substring(2).toLowerCase(Locale.ROOT);
        assertThat(ids.add(id)).as(id).isTrue();
        int size = field.get("element_size_bits").asInt();
        assertThat(8 << Character.digit(id.charAt(7), 16) % 4).as("size of %s", id).isEqualTo(size);
        StringBuilder row = new StringBuilder(name(field.get("name").asString(), section));
        row.append(' ').append(id);
        row.append(' ').append(field.get("num_of_fields").asInt());
        row.append('x').append(field.get("num_of_elem").asInt());
        for (String who : section.equals("global") ? GLOBAL : OF_TD) {
          row.append(' ').append(Long.toHexString(number(field.get(who + "_mask"))));
        }
        wanted.add(row.toString());
      }
    }
    assertThat(tabled).hasSize(count).containsExactlyInAnyOrderElementsOf(wanted);
  }

  private static String name(String given, String section) {
    String name = given.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]+", "_");
    if (name.endsWith("_")) {
      name = name.substring(0, name.length() - 1);
    }
    return section.equals("vcpu_td_vmcs") && CALLED_ALIKE.contains(name) ? "VMCS_" + name : name;
  }

  private static long mask(String word, int size) {
    return switch (word) {
      case "-" -> 0;
      case "*" -> -1L >>> 64 - size;
      default -> Long.parseUnsignedLong(word, 16);
    };
  }

  private static long number(@Nullable JsonNode hex) {
    return hex == null ? 0 : Long.parseUnsignedLong(hex.asString().substring(2), 16);
  }
}
