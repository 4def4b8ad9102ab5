package org.swtdx.vmm.launch;

import org.swtdx.vmm.LaunchListener;
import org.swtdx.vmm.Phase;

/** Counts shared pages and passes everything on. */
final class ConversionCount implements LaunchListener {
  private static final long PAGE = 4096;

  private final LaunchListener next;
  private final java.util.BitSet sharedFrames = new java.util.BitSet();

  ConversionCount(LaunchListener next) {
    this.next = next;
  }

  long shared() {
    synchronized (sharedFrames) {
      return sharedFrames.cardinality();
    }
  }

  @Override
  public void converted(long gpa, long pages, boolean toPrivate) {
    synchronized (sharedFrames) {
      int first = (int) (gpa / PAGE);
      sharedFrames.set(first, (int) (first + pages), !toPrivate);
    }
    next.converted(gpa, pages, toPrivate);
  }

  @Override
  public void began(Phase phase) {
    next.began(phase);
  }

  @Override
  public void ended(Phase phase, long nanos) {
    next.ended(phase, nanos);
  }

  @Override
  public void pagesAdded(long added, long all, boolean measured) {
    next.pagesAdded(added, all, measured);
  }

  @Override
  public void remark(String message) {
    next.remark(message);
  }
}
