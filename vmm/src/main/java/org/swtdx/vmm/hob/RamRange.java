package org.swtdx.vmm.hob;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A range of RAM.
 *
 * @param start first guest physical address
 * @param length bytes
 * @param accepted whether its pages were added at build time, so that the guest need not accept
 *     them
 */
public record RamRange(long start, long length, boolean accepted) {
  /** First address after the range. */
  public long end() {
    return start + length;
  }

  /**
   * Cuts ranges out of unaccepted RAM and marks them accepted.
   *
   * @param ram RAM ranges, none accepted
   * @param added ranges added at build time, without overlaps; those outside RAM are ignored
   * @return all of RAM in ascending order
   */
  public static List<RamRange> split(List<RamRange> ram, List<RamRange> added) {
    List<RamRange> result = new ArrayList<>();
    List<RamRange> sorted =
        added.stream().sorted(Comparator.comparingLong(RamRange::start)).toList();
    for (RamRange range : ram) {
      long at = range.start();
      for (RamRange part : sorted) {
        if (part.start() >= range.start() && part.end() <= range.end() && part.length() > 0) {
          addUnaccepted(result, at, part.start());
          result.add(new RamRange(part.start(), part.length(), true));
          at = part.end();
        }
      }
      addUnaccepted(result, at, range.end());
    }
    return List.copyOf(result);
  }

  private static void addUnaccepted(List<RamRange> result, long start, long end) {
    if (end > start) {
      result.add(new RamRange(start, end - start, false));
    }
  }
}
