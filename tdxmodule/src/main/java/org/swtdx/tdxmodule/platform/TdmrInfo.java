package org.swtdx.tdxmodule.platform;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.memory.seam.PhysicalBus;

/**
 * A TDMR_INFO entry as the host wrote it, nothing checked.
 *
 * @param base first byte of the TDMR
 * @param size its bytes
 * @param pamt PAMT areas for 4 KiB, 2 MiB and 1 GiB pages, in that order
 * @param reserved the reserved areas, as offsets into the TDMR; size 0 where there is none
 */
public record TdmrInfo(long base, long size, List<Tdmr.Range> pamt, List<Tdmr.Range> reserved) {
  private static final int PAMT_OFFSET = 16;
  private static final int RESERVED_OFFSET = 64;
  private static final int RESERVED_AREAS = 16;

  /** Reads the entry at {@code hpa}, which has a shared KeyID. */
  public static TdmrInfo read(PhysicalBus bus, long hpa) {
    List<Tdmr.Range> pamt = new ArrayList<>();
    for (int level = PageSize.LEVEL_1G; level >= 0; level--) {
      pamt.addFirst(range(bus, hpa + PAMT_OFFSET + 16L * (PageSize.LEVEL_1G - level)));
    }
    List<Tdmr.Range> reserved = new ArrayList<>();
    for (int i = 0; i < RESERVED_AREAS; i++) {
      reserved.add(range(bus, hpa + RESERVED_OFFSET + 16L * i));
    }
    Tdmr.Range whole = range(bus, hpa);
    return new TdmrInfo(whole.base(), whole.size(), pamt, reserved);
  }

  private static Tdmr.Range range(PhysicalBus bus, long hpa) {
    return new Tdmr.Range(bus.load(hpa, 8), bus.load(hpa + 8, 8));
  }
}
