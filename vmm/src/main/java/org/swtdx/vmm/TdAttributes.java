package org.swtdx.vmm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The bits of TD ATTRIBUTES by name (TDX Module base specification, "TD attributes"). */
public final class TdAttributes {
  /** DEBUG: the host may look into the TD; nothing about it can be trusted. */
  public static final long DEBUG = 1;

  /** SEPT_VE_DISABLE: a pending page stops the TD instead of raising #VE in it. */
  public static final long SEPT_VE_DISABLE = 1L << 28;

  private static final Map<String, Integer> BITS = bits();

  private TdAttributes() {}

  private static Map<String, Integer> bits() {
    Map<String, Integer> map = new LinkedHashMap<>();
    map.put("debug", 0);
    map.put("hgs-plus-prof", 4);
    map.put("perf-prof", 5);
    map.put("pmt-prof", 6);
    map.put("lass", 27);
    map.put("sept-ve-disable", 28);
    map.put("migratable", 29);
    map.put("pks", 30);
    map.put("kl", 31);
    map.put("tpa", 62);
    map.put("perfmon", 63);
    return map;
  }

  /**
   * Parses a comma-separated list of names, or a number in hexadecimal.
   *
   * @param list for example {@code sept-ve-disable,pks}, {@code 0x10000000} or {@code none}
   * @throws IllegalArgumentException naming the unknown attribute and the known ones
   */
  public static long parse(String list) {
    if (list.startsWith("0x")) {
      return Long.parseUnsignedLong(list.substring(2), 16);
    }
    long value = 0;
    for (String part : list.split(",", -1)) {
      String name = part.strip().toLowerCase(Locale.ROOT).replace('_', '-');
      Integer bit = BITS.get(name);
      if (bit != null) {
        value |= 1L << bit;
      } else if (!name.equals("none")) {
        throw new IllegalArgumentException(
            "unknown TD attribute '" + part + "', known are none, " + String.join(", ", names()));
      }
    }
    return value;
  }

  /** The known names, in the order of their bits. */
  public static List<String> names() {
    return List.copyOf(BITS.keySet());
  }

  /** Returns the names of the bits in a value; unknown bits as {@code bitN}. */
  public static List<String> describe(long value) {
    Map<Integer, String> byBit =
        BITS.entrySet().stream().collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));
    List<String> result = new ArrayList<>();
    for (int bit = 0; bit < 64; bit++) {
      if ((value >>> bit & 1) != 0) {
        result.add(byBit.getOrDefault(bit, "bit" + bit));
      }
    }
    return result;
  }
}
