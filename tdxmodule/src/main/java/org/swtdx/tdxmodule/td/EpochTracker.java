package org.swtdx.tdxmodule.td;

import java.util.concurrent.atomic.AtomicLong;
import org.swtdx.tdxmodule.platform.SharexLock;

/**
 * TLB tracking of one TD: TD_EPOCH counts TRACKs, and two counters say how many vCPUs are inside
 * that entered in an even or an odd epoch. A vCPU that enters in a new epoch drops its
 * translations, so once nobody is left from an epoch, nobody holds a translation made in it.
 */
public final class EpochTracker {
  private static final int EPOCH_SHIFT = 32;
  private static final long COUNT_MASK = 0xffff;
  private static final int COUNT_BITS = 16;

  private final SharexLock lock = new SharexLock();

  /** The epoch in bits 63:32, who is inside from odd epochs in 31:16 and from even ones in 15:0. */
  private final AtomicLong state = new AtomicLong(1L << EPOCH_SHIFT);

  /** Starts at epoch 1 with nobody inside. */
  public EpochTracker() {}

  /** Taken shared by TDH.VP.ENTER and exclusively by TDH.MEM.TRACK; blames operand TD_EPOCH. */
  public SharexLock lock() {
    return lock;
  }

  /** TD_EPOCH. */
  public long epoch() {
    return state.get() >>> EPOCH_SHIFT;
  }

  /** REFCOUNT of even (0) or odd (1) epochs. */
  public int refcount(int parity) {
    return inside(state.get(), parity);
  }

  /** Counts a vCPU in; returns the epoch it runs in, to be handed to {@link #exit}. */
  public long enter() {
    for (; ; ) {
      long s = state.get();
      long epoch = s >>> EPOCH_SHIFT;
      if (state.compareAndSet(s, s + one(epoch))) {
        return epoch;
      }
    }
  }

  /** Counts out a vCPU that entered in {@code vcpuEpoch}; every exit path must come here once. */
  public void exit(long vcpuEpoch) {
    state.getAndAdd(-one(vcpuEpoch));
  }

  /** Starts a new epoch; false when vCPUs from before the last one are still inside. */
  public boolean advance() {
    for (; ; ) {
      long s = state.get();
      if (inside(s, 1 - (int) (s >>> EPOCH_SHIFT & 1)) != 0) {
        return false;
      }
      if (state.compareAndSet(s, s + (1L << EPOCH_SHIFT))) {
        return true;
      }
    }
  }

  /** Whether no vCPU can hold a translation from epoch {@code blocked} or before. */
  public boolean tracked(long blocked) {
    long s = state.get();
    long epoch = s >>> EPOCH_SHIFT;
    return blocked >= 0
        && (blocked < epoch - 1 || blocked == epoch - 1 && inside(s, (int) blocked & 1) == 0);
  }

  private static long one(long epoch) {
    return 1L << COUNT_BITS * (int) (epoch & 1);
  }

  private static int inside(long state, int parity) {
    return (int) (state >>> COUNT_BITS * parity & COUNT_MASK);
  }
}
