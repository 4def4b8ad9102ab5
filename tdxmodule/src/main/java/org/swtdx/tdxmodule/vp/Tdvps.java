package org.swtdx.tdxmodule.vp;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.swtdx.tdxmodule.platform.TdxPlatform;
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
  private volatile @Nullable GuestContext guest;

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

  /**
   * Creates the guest processor in its initial state; the vCPU is ready afterwards.
   *
   * @param platform platform scope
   * @param index VCPU_INDEX
   * @param x2ApicId its x2APIC id
   * @param hostValue initial RCX and R8
   */
  public void initialize(TdxPlatform platform, int index, int x2ApicId, long hostValue) {
    GuestContext created = new GuestContext(platform, this, index, x2ApicId);
    InitialState.apply(created, hostValue);
    guest = created;
    state = VcpuState.READY;
  }

  /**
   * What TDH.VP.INIT created.
   *
   * @throws IllegalStateException before that; leaves check the vCPU's state first
   */
  public GuestContext guest() {
    GuestContext g = guest;
    if (g == null) {
      throw new IllegalStateException("the vCPU is not initialized");
    }
    return g;
  }

  /** Ends the guest processor, when the host takes the pages back. */
  public void close() {
    GuestContext g = guest;
    if (g != null) {
      g.processor().close();
      guest = null;
    }
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
