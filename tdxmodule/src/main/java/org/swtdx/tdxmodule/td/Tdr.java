package org.swtdx.tdxmodule.td;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.tdxmodule.platform.PageSize;

/**
 * A TD's root: its key, its life cycle, and the pages it owns. Guarded by its PAMT entry's lock.
 */
public final class Tdr {
  private final long hpa;
  private final int keyId;
  private final PhysicalAddressLayout layout;
  private final long[] uuid;
  private final long seamdbIndex;
  private final List<Long> tdcxPages = new ArrayList<>();
  private final LongAdder childCount = new LongAdder();
  private final Tdcs tdcs;
  private volatile LifecycleState lifecycle = LifecycleState.TD_HKID_ASSIGNED;
  private volatile boolean fatal;
  private volatile long configuredPackages;

  /**
   * A TD that was just created.
   *
   * @param hpa its TDR page
   * @param keyId its private KeyID
   * @param layout where addresses have the KeyID
   * @param uuid four random words
   * @param seamdbIndex the module that created it
   */
  public Tdr(long hpa, int keyId, PhysicalAddressLayout layout, long[] uuid, long seamdbIndex) {
    this.hpa = hpa;
    this.keyId = keyId;
    this.layout = layout;
    this.uuid = uuid.clone();
    this.seamdbIndex = seamdbIndex;
    tdcs = new Tdcs(this);
  }

  /** HPA of the TDR page, without KeyID. */
  public long hpa() {
    return hpa;
  }

  /** The TD's private KeyID. */
  public int keyId() {
    return keyId;
  }

  /** The address that reaches {@code page} with the TD's key. */
  public long keyed(long page) {
    return layout.keyed(page, keyId);
  }

  /** One of the four words of TD_UUID. */
  public long uuid(int word) {
    return uuid[word];
  }

  /** SEAMDB_INDEX: number of the module that created the TD, in order of installation. */
  public long seamdbIndex() {
    return seamdbIndex;
  }

  /** The TD's control structure; complete only with {@link Tdcs#BASE_PAGES} pages. */
  public Tdcs tdcs() {
    return tdcs;
  }

  /** HPAs of the TDCS pages, in order. */
  public List<Long> tdcxPages() {
    return tdcxPages;
  }

  /** The key life cycle. */
  public LifecycleState lifecycle() {
    return lifecycle;
  }

  /** Moves on in the life cycle. */
  public void setLifecycle(LifecycleState next) {
    lifecycle = next;
  }

  /** Whether the TD can only be torn down. */
  public boolean fatal() {
    return fatal;
  }

  /** Marks the TD fatal; there is no way back. */
  public void setFatal() {
    fatal = true;
  }

  /** Packages that have the TD's key, a bitmap. */
  public long configuredPackages() {
    return configuredPackages;
  }

  /** Records the packages that have the key. */
  public void setConfiguredPackages(long bitmap) {
    configuredPackages = bitmap;
  }

  /** CHLDCNT: 4 KiB pages the TD owns, the TDR not counted; exact when no leaf is under way. */
  public long childCount() {
    return childCount.sum();
  }

  /** Counts a page of size {@code level} in. */
  public void addChild(int level) {
    childCount.add(PageSize.bytes(level) >>> 12);
  }

  /** Counts a page of size {@code level} out. */
  public void removeChild(int level) {
    childCount.add(-(PageSize.bytes(level) >>> 12));
  }
}
