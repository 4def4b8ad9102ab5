package org.swtdx.vmm.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.swtdx.vmm.hob.RamRange;

/**
 * Where RAM and firmware are in guest physical memory, as on QEMU's q35 machine: RAM up to 2.75 GiB
 * stays below 4 GiB; of more, 2 GiB do.
 *
 * @param lowBytes bytes of RAM from address 0
 * @param highBytes bytes of RAM from 4 GiB
 * @param firmwareBytes bytes of firmware up to 4 GiB
 */
public record MemoryLayout(long lowBytes, long highBytes, long firmwareBytes) {
  /** 4 GiB. */
  public static final long FOUR_GIB = 1L << 32;

  private static final long LARGE = 0xb0000000L;
  private static final long LOW_WHEN_LARGE = 0x80000000L;
  private static final long PAGE = 4096;

  /**
   * Lays a machine out.
   *
   * @param ramBytes bytes of RAM
   * @param imageBytes bytes of the firmware image, rounded up to whole pages here
   */
  public static MemoryLayout of(long ramBytes, long imageBytes) {
    long low = ramBytes >= LARGE ? LOW_WHEN_LARGE : ramBytes;
    return new MemoryLayout(low, ramBytes - low, (imageBytes + PAGE - 1) & -PAGE);
  }

  /** First address of the firmware. */
  public long firmwareBase() {
    return FOUR_GIB - firmwareBytes;
  }

  /** RAM as ranges, none of them accepted. */
  public List<RamRange> ram() {
    List<RamRange> ranges = new ArrayList<>();
    ranges.add(new RamRange(0, lowBytes, false));
    if (highBytes > 0) {
      ranges.add(new RamRange(FOUR_GIB, highBytes, false));
    }
    return List.copyOf(ranges);
  }

  /** Start and end of every range that has memory, firmware included. */
  public Map<Long, Long> ranges() {
    Map<Long, Long> ranges = new TreeMap<>();
    ram().forEach(r -> ranges.put(r.start(), r.end()));
    ranges.put(firmwareBase(), FOUR_GIB);
    return ranges;
  }
}
