package org.swtdx.tdxmodule.td;

import org.swtdx.tdxmodule.platform.SharexLock;

/**
 * TLB tracking of one TD: TD_EPOCH counts TRACKs, and two counters say how many vCPUs are inside
 * that entered in an even or an odd epoch. A vCPU that enters in a new epoch drops its
 * translations, so once nobody is left from an epoch, nobody holds a translation made in it.
 */
public final class EpochTracker {
  private final SharexLock lock = new SharexLock();
  private final int[] inside = new int[2];
  private long epoch = 1;

  /** Starts at epoch 1 with nobody inside. */
  public EpochTracker() {}

  /** Taken shared by TDH.VP.ENTER and exclusively by TDH.MEM.TRACK; blames operand TD_EPOCH. */
  public SharexLock lock() {
    return lock;
  }

  /** TD_EPOCH. */
  public synchronized long epoch() {
    return epoch;
  }

  /** REFCOUNT of even (0) or odd (1) epochs. */
  public synchronized int refcount(int parity) {
    return inside[parity];
  }

  /** Counts a vCPU in; returns the epoch it runs in, to be handed to {@link #exit}. */
  public synchronized long enter() {
    inside[(int) epoch & 1]++;
    return epoch;
  }

  /** Counts out a vCPU that entered in {@code vcpuEpoch}; every exit path must come here once. */
  public synchronized void exit(long vcpuEpoch) {
    inside[(int) vcpuEpoch & 1]--;
  }

  /** Starts a new epoch; false when vCPUs from before the last one are still inside. */
  public synchronized boolean advance() {
    if (inside[1 - ((int) epoch & 1)] != 0) {
      return false;
    }
    epoch++;
    return true;
  }

  /** Whether no vCPU can hold a translation from epoch {@code blocked} or before. */
  public synchronized boolean tracked(long blocked) {
    return blocked >= 0
        && (blocked < epoch - 1 || blocked == epoch - 1 && inside[(int) blocked & 1] == 0);
  }
}
