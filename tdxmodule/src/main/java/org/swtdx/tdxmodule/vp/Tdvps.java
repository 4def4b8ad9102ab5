package org.swtdx.tdxmodule.vp;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.swtdx.tdxmodule.td.Tdr;

/** One vCPU of a TD. Guarded by the PAMT entry lock of its TDVPR page. */
public final class Tdvps {
  /** Pages of a vCPU without L2 VMs, the TDVPR counted. */
  public static final int BASE_PAGES = 6;

  /** ASSOC_LPID of a vCPU that no LP has. */
  public static final int NO_LP = -1;

  private final Tdr tdr;
  private final long hpa;
  private final List<Long> pages = new ArrayList<>();
  private final AtomicInteger associatedLp = new AtomicInteger(NO_LP);
  private volatile VcpuState state = VcpuState.UNINITIALIZED;

  /**
   * A vCPU that was just created.
   *
   * @param tdr its TD
   * @param hpa its TDVPR page
   */
  public Tdvps(Tdr tdr, long hpa) {
    this.tdr = tdr;
    this.hpa = hpa;
    pages.add(hpa);
  }

  /** The TD it belongs to. */
  public Tdr tdr() {
    return tdr;
  }

  /** HPA of the TDVPR page, without KeyID. */
  public long hpa() {
    return hpa;
  }

  /** HPAs of its pages, the TDVPR first. */
  public List<Long> pages() {
    return pages;
  }

  /** VCPU_STATE. */
  public VcpuState state() {
    return state;
  }

  /** Changes VCPU_STATE. */
  public void setState(VcpuState next) {
    state = next;
  }

  /** Index of the LP that may hold its state, or {@link #NO_LP}. */
  public int associatedLp() {
    return associatedLp.get();
  }

  /** Associates it with {@code lp}; false when another LP has it. */
  public boolean associate(int lp) {
    if (associatedLp.get() == lp) {
      return true;
    }
    if (!associatedLp.compareAndSet(NO_LP, lp)) {
      return false;
    }
    tdr.tdcs().associatedVcpus().getAndIncrement();
    return true;
  }

  /** Ends the association with {@code lp}; false when that LP does not have it. */
  public boolean dissociate(int lp) {
    if (!associatedLp.compareAndSet(lp, NO_LP)) {
      return false;
    }
    tdr.tdcs().associatedVcpus().getAndDecrement();
    return true;
  }
}
