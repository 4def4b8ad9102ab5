package org.swtdx.tdxmodule.platform;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;

/**
 * What belongs to the SEAM range rather than to the module loaded into it: which logical processors
 * are inside, the handoff data that a module leaves for its successor, and how often one was
 * installed.
 */
public final class SeamRange {
  /** Most bytes of handoff data: NUM_HANDOFF_PAGES and one more page, less the 8-byte header. */
  public static final int HANDOFF_CAPACITY = (SeamRange.HANDOFF_PAGES + 1) * 4096 - 8;

  /** NUM_HANDOFF_PAGES: pages for handoff data, less one. */
  public static final int HANDOFF_PAGES = 15;

  /**
   * Counters of processors that run side by side stay in cache lines of their own, and none in that
   * of the array's length.
   */
  private static final int STRIDE = 16;

  /** What a module left at its shutdown. */
  public static final class Handoff {
    private final int version;
    private final byte[] data;

    /**
     * Keeps a copy of {@code data}.
     *
     * @param version handoff version, HANDOFF_DATA_HV
     * @param data its platform-scope state in that version's format
     */
    public Handoff(int version, byte[] data) {
      this.version = version;
      this.data = data.clone();
    }

    /** HANDOFF_DATA_HV. */
    public int version() {
      return version;
    }

    /** A copy of the data. */
    public byte[] data() {
      return data.clone();
    }
  }

  private final AtomicIntegerArray inside;
  private final AtomicLong installations = new AtomicLong();
  private volatile @Nullable Handoff handoff;
  private volatile TdMemory tdMemory = new TdMemory();

  /** An empty range of a machine with so many logical processors. */
  public SeamRange(int processors) {
    inside = new AtomicIntegerArray((processors + 1) * STRIDE);
  }

  /** A logical processor enters SEAM root mode. */
  public void enter(LogicalProcessor lp) {
    inside.getAndIncrement((lp.index() + 1) * STRIDE);
  }

  /** A logical processor leaves SEAM root mode. */
  public void leave(LogicalProcessor lp) {
    inside.getAndDecrement((lp.index() + 1) * STRIDE);
  }

  /** Whether anybody but {@code self} is in SEAM root mode, a vCPU that runs counted. */
  public boolean othersInside(@Nullable LogicalProcessor self) {
    int count = self == null ? 0 : -1;
    for (int i = STRIDE; i < inside.length(); i += STRIDE) {
      count += inside.get(i);
    }
    return count > 0;
  }

  /** Modules installed so far: the index of the running one in the SEAM database. */
  public long installations() {
    return installations.get();
  }

  /** Counts an installation. */
  public void install() {
    installations.getAndIncrement();
  }

  /** What the last module left, or null. */
  public @Nullable Handoff handoff() {
    return handoff;
  }

  /** Leaves data for the next module, or takes it away. */
  public void setHandoff(@Nullable Handoff data) {
    handoff = data;
  }

  TdMemory tdMemory() {
    return tdMemory;
  }

  void setTdMemory(TdMemory memory) {
    tdMemory = memory;
  }
}
