package org.swtdx.tdxmodule.virt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.swtdx.tdxmodule.table.TableText;

/**
 * Which CPUID leaves a TD has and where each bit comes from, read from {@code cpuid.txt} beside
 * this class. The same for every TD.
 */
final class CpuidTable {
  /** Sub-leaf of an entry whose leaf ignores ECX. */
  static final int ANY = -1;

  private static final int[] NONE = new int[4];
  private static final int[] ALL = {-1, -1, -1, -1};

  static final CpuidTable INSTANCE = new CpuidTable(TableText.rows(CpuidTable.class, "cpuid.txt"));

  private final List<Entry> entries;
  private final List<Entry> configurable;
  private final List<Entry> bySlot;
  private final long[] keys;

  /**
   * Bits that need XFAM bits.
   *
   * @param xfam the XFAM bits, all of them
   * @param masks the dependent bits by register
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared; private to the package
  record XfamMask(long xfam, int[] masks) {}

  /**
   * One leaf and sub-leaf; masks are by register, EAX first.
   *
   * @param leaf leaf
   * @param subleaf sub-leaf or {@link #ANY}
   * @param slot position in the vCPU's CPUID_CONTROL
   * @param faults always #VE
   * @param config position in CPUID_CONFIG, or -1
   * @param one bits always 1
   * @param zero bits 0 or computed when read
   * @param host bits the host chooses freely
   * @param allow native bits the host may clear
   * @param dependent bits that need XFAM features
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared; private to the package
  record Entry(
      int leaf,
      int subleaf,
      int slot,
      boolean faults,
      int config,
      int[] one,
      int[] zero,
      int[] host,
      int[] allow,
      List<XfamMask> dependent) {
    long key() {
      return CpuidTable.key(leaf, subleaf);
    }
  }

  private CpuidTable(List<String> lines) {
    List<Entry> list = new ArrayList<>();
    for (String line : lines) {
      list.add(parse(line));
    }
    list.sort(Comparator.comparingLong(Entry::key));
    entries = List.copyOf(list);
    keys = entries.stream().mapToLong(Entry::key).toArray();
    bySlot = entries.stream().sorted(Comparator.comparingInt(Entry::slot)).toList();
    configurable =
        entries.stream()
            .filter(e -> e.config >= 0)
            .sorted(Comparator.comparingInt(Entry::config))
            .toList();
  }

  /** All entries; positions are those that {@link #find} returns. */
  List<Entry> entries() {
    return entries;
  }

  /** All entries in the order of their positions in CPUID_CONTROL. */
  List<Entry> bySlot() {
    return bySlot;
  }

  /** Entries with host-configurable bits, in the order of TD_PARAMS.CPUID_CONFIG. */
  List<Entry> configurable() {
    return configurable;
  }

  /** Returns the position of the entry that answers {@code leaf} and {@code subleaf}, or -1. */
  int find(int leaf, int subleaf) {
    int exact = Arrays.binarySearch(keys, key(leaf, subleaf));
    return exact >= 0 ? exact : Math.max(-1, Arrays.binarySearch(keys, key(leaf, ANY)));
  }

  private static long key(int leaf, int subleaf) {
    return Integer.toUnsignedLong(leaf) << 32 | Integer.toUnsignedLong(subleaf);
  }

  private static Entry parse(String line) {
    String[] words = line.split(" ", -1);
    String[] name = words[0].split("\\.", -1);
    int leaf = Integer.parseUnsignedInt(name[0], 16);
    int subleaf = name.length > 1 ? Integer.parseUnsignedInt(name[1], 16) : ANY;
    boolean faults = false;
    int config = -1;
    int[] one = NONE;
    int[] zero = NONE;
    int[] host = NONE;
    int[] allow = NONE;
    List<XfamMask> dependent = new ArrayList<>();
    for (int i = 2; i < words.length; i++) {
      String[] pair = words[i].split("=", 2);
      switch (pair[0]) {
        case "ve" -> faults = true;
        case "zero" -> zero = pair.length > 1 ? masks(pair[1]) : ALL;
        case "one" -> one = masks(pair[1]);
        case "host" -> host = masks(pair[1]);
        case "allow" -> allow = masks(pair[1]);
        case "config" -> config = Integer.parseInt(pair[1]);
        default -> dependent.add(new XfamMask(xfamBits(pair[0]), masks(pair[1])));
      }
    }
    int slot = Integer.parseInt(words[1]);
    return new Entry(
        leaf, subleaf, slot, faults, config, one, zero, host, allow, List.copyOf(dependent));
  }

  private static long xfamBits(String word) {
    long bits = 0;
    for (String bit : word.substring("xfam(".length(), word.length() - 1).split(",", -1)) {
      bits |= 1L << Integer.parseInt(bit);
    }
    return bits;
  }

  private static int[] masks(String text) {
    return Arrays.stream(text.split(",", -1))
        .mapToInt(mask -> Integer.parseUnsignedInt(mask, 16))
        .toArray();
  }
}
