package org.swtdx.tdxmodule.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.seamcall.Leaf;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdhMem;
import org.swtdx.seamcall.TdhMng;
import org.swtdx.seamcall.TdhPhymem;
import org.swtdx.seamcall.TdhSys;
import org.swtdx.seamcall.TdhVp;
import org.swtdx.seamcall.TdxStatus;
import org.swtdx.tdxmodule.guest.TdCallDispatcher;
import org.swtdx.tdxmodule.leaf.HostLeaf;
import org.swtdx.tdxmodule.leaf.LeafTable;
import org.swtdx.tdxmodule.reference.LeafText.Check;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.table.LeafRow;
import org.swtdx.tdxmodule.table.TableText;

/** The tables, the classes, the constants and the wrappers of leaves fit together. */
class TableCompletenessTest {
  private static final Map<String, String> STATUS_CODES = statusCodes();
  private static final List<Class<?>> WRAPPERS =
      List.of(TdhSys.class, TdhMng.class, TdhMem.class, TdhVp.class, TdhPhymem.class);

  private static Map<String, String> statusCodes() {
    Map<String, String> codes = new HashMap<>();
    for (String line : TableText.rows(Status.class, "status-codes.txt")) {
      String[] w = line.split(" ", 3);
      codes.put(w[1], w[0]);
    }
    return codes;
  }

  private static Set<String> operands() {
    return TableText.rows(Status.class, "operands.txt").stream()
        .map(line -> line.split(" ", 2)[1])
        .collect(Collectors.toCollection(TreeSet::new));
  }

  static Stream<LeafText> leaves() {
    return Stream.concat(LeafText.HOST.stream(), LeafText.GUEST.stream())
        .filter(leaf -> leaf.row().offered());
  }

  @Test
  void everyHostLeafHasAClassAndEveryClassARow() throws IOException, URISyntaxException {
    assertThat(classesOf(LeafTable.class, "Tdh"))
        .containsExactlyInAnyOrderElementsOf(classNames(LeafTable.rows()));
  }

  @Test
  void everyGuestLeafHasAClassAndEveryClassARow() throws IOException, URISyntaxException {
    assertThat(classesOf(TdCallDispatcher.class, "Tdg"))
        .containsExactlyInAnyOrderElementsOf(classNames(TdCallDispatcher.rows()));
  }

  private static List<String> classNames(List<LeafRow> rows) {
    return rows.stream().filter(LeafRow::offered).map(LeafRow::className).toList();
  }

  private static List<String> classesOf(Class<?> beside, String prefix)
      throws IOException, URISyntaxException {
    Path root = Path.of(beside.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path folder = root.resolve(beside.getPackageName().replace('.', '/'));
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(f -> f.startsWith(prefix) && f.endsWith(".class") && !f.contains("$"))
          .map(f -> f.substring(0, f.length() - ".class".length()))
          .toList();
    }
  }

  @Test
  void hostLeafClassesAreLeaves() throws ClassNotFoundException {
    for (LeafRow row : LeafTable.rows()) {
      if (row.offered()) {
        Class<?> type = Class.forName(HostLeaf.class.getPackageName() + "." + row.className());
        assertThat(HostLeaf.class).isAssignableFrom(type);
        assertThat(type.getDeclaredConstructors()).hasSize(1);
      }
    }
  }

  @Test
  void everyHostLeafHasAWrapperAndEveryWrapperARow() throws IllegalAccessException {
    Map<Integer, String> rows = new HashMap<>();
    Map<Integer, Integer> versions = new HashMap<>();
    for (LeafRow row : LeafTable.rows()) {
      if (row.offered()) {
        rows.put(row.number(), row.name());
        versions.put(row.number(), row.maxVersion());
      }
    }
    Map<Integer, String> wrappers = new HashMap<>();
    for (Class<?> type : WRAPPERS) {
      for (Field field : type.getFields()) {
        if (field.get(null) instanceof Leaf leaf) {
          assertThat(wrappers.put(leaf.number(), leaf.abiName())).as("other %s", leaf).isNull();
          assertThat(leaf.version())
              .as("version of %s", leaf)
              .isBetween(0, versions.getOrDefault(leaf.number(), -1));
        }
      }
    }
    assertThat(wrappers).isEqualTo(rows);
  }

  @ParameterizedTest
  @MethodSource("leaves")
  void aLeafsTextNamesKnownStatusesAndOperands(LeafText leaf) {
    assertThat(leaf.purpose()).isNotEmpty().endsWith(".");
    Set<String> operands = operands();
    for (Check check : leaf.checks()) {
      assertThat(check.status().isEmpty() || STATUS_CODES.containsKey(check.status()))
          .as(leaf.row().name() + ": " + check)
          .isTrue();
      assertThat(check.operand().isEmpty() || operands.contains(check.operand()))
          .as(leaf.row().name() + ": " + check)
          .isTrue();
    }
    leaf.others().forEach(o -> assertThat(STATUS_CODES).containsKey(o.name()));
  }

  @ParameterizedTest
  @MethodSource("leaves")
  void statesAreTabledWhereTheyAreChecked(LeafText leaf) {
    boolean checksTd =
        leaf.checks().stream().anyMatch(c -> c.status().equals("OP_STATE_INCORRECT"));
    if (leaf.row().name().startsWith("TDH") && !leaf.row().name().equals("TDH.VP.FLUSH")) {
      assertThat(leaf.row().opStates() != 0).isEqualTo(checksTd);
    }
    Predicate<Check> ofEntry =
        c ->
            c.status().startsWith("EPT_ENTRY")
                || c.status().equals("EPT_WALK_FAILED")
                || c.status().equals("EPT_INVALID_PROMOTE_CONDITIONS");
    if (leaf.checks().stream().anyMatch(ofEntry)) {
      assertThat(leaf.row().septStates()).isNotZero();
    }
  }

  @Test
  void statusConstantsAreThoseOfTheTable() throws IllegalAccessException {
    for (Field f : Status.class.getFields()) {
      String bits = "%08X".formatted((long) f.get(null) >>> 32);
      assertThat(STATUS_CODES.get(f.getName())).as(f.getName()).isEqualTo(bits);
    }
  }

  @Test
  void hostSoftwareKnowsTheStatusCodesOfTheTable() {
    Map<String, String> known = new HashMap<>();
    for (StatusCode code : StatusCode.values()) {
      if (code != StatusCode.SEAMCALL_FAILED && code != StatusCode.UNDEFINED) {
        known.put(code.name(), "%08X".formatted(code.bits()));
      }
    }
    assertThat(known).isEqualTo(STATUS_CODES);
  }

  @Test
  void operandIdsAreThoseOfTheTable() throws IllegalAccessException {
    Map<String, Integer> table = new HashMap<>();
    for (String line : TableText.rows(Status.class, "operands.txt")) {
      String[] w = line.split(" ", 2);
      int id = Integer.parseInt(w[0]);
      table.put(w[1], id);
      assertThat(TdxStatus.of(Status.with(Status.OPERAND_BUSY, id)))
          .hasToString("TDX_OPERAND_BUSY(" + w[1] + ")");
    }
    for (Field f : Operand.class.getFields()) {
      assertThat(table.get(f.getName())).as(f.getName()).isEqualTo(f.get(null));
    }
  }

  @Test
  void everyStatusThatTheModuleHasIsAnsweredBySomeLeaf() {
    Set<String> answered = new HashSet<>(List.of("SUCCESS"));
    leaves()
        .forEach(
            leaf -> {
              leaf.checks().forEach(c -> answered.add(c.status()));
              leaf.others().forEach(o -> answered.add(o.name()));
            });
    List<String> everyLeaf =
        List.of("OPERAND_INVALID", "SYS_NOT_READY", "SYS_SHUTDOWN", "OPERAND_BUSY_HOST_PRIORITY");
    List<String> unused = new ArrayList<>();
    for (Field f : Status.class.getFields()) {
      if (!answered.contains(f.getName()) && !everyLeaf.contains(f.getName())) {
        unused.add(f.getName());
      }
    }
    assertThat(unused).isEmpty();
  }

  @Test
  void rowsAscend() {
    for (List<LeafRow> rows : List.of(LeafTable.rows(), TdCallDispatcher.rows())) {
      int[] numbers = rows.stream().mapToInt(LeafRow::number).toArray();
      assertThat(numbers).isSorted().doesNotHaveDuplicates();
      assertThat(Arrays.stream(numbers).max().orElse(0)).isLessThan(0x10000);
    }
  }
}
