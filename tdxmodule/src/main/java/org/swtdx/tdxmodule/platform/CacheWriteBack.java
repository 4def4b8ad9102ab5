package org.swtdx.tdxmodule.platform;

import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * One package's write-back of its caches: which KeyIDs it is done for and how far it got. Its
 * methods other than {@link #lock} need that lock.
 */
public final class CacheWriteBack {
  /** Parts in which a package's caches are written back; an interrupt is noticed between two. */
  public static final int PARTS = 8;

  private static final int WORD = 8;

  private final SharexLock lock = new SharexLock();
  private BitSet keyIds = new BitSet();
  private int partsDone;

  CacheWriteBack() {}

  /** Taken by TDH.PHYMEM.CACHE.WB; contention blames operand WBCACHE. */
  public SharexLock lock() {
    return lock;
  }

  /** Begins anew for the KeyIDs that wait for it; false when there is none. */
  public boolean start(Kot kot) {
    partsDone = 0;
    BitSet flushed = kot.flushed();
    if (flushed.isEmpty()) {
      return false;
    }
    keyIds = flushed;
    return true;
  }

  /** Whether an interrupted write-back waits to be resumed. */
  public boolean isInterrupted() {
    return partsDone != 0;
  }

  /** Writes back the next part; true when it was the last. */
  public boolean writeBackPart() {
    partsDone++;
    return partsDone == PARTS;
  }

  /** Records in the KOT that this package is done with the KeyIDs of the start. */
  public void finish(Kot kot, int packageId) {
    partsDone = 0;
    kot.writtenBack(keyIds, packageId);
  }

  void write(ByteBuffer out) {
    long[] words = keyIds.toLongArray();
    out.putInt(partsDone).putInt(words.length);
    for (long w : words) {
      out.putLong(w);
    }
  }

  /** Reads what {@link #write} wrote; running the result takes it over. */
  Runnable reader(ByteBuffer in) {
    int parts = in.getInt();
    long[] words = new long[Math.min(Math.max(in.getInt(), 0), in.remaining() / WORD)];
    for (int i = 0; i < words.length; i++) {
      words[i] = in.getLong();
    }
    return () -> {
      partsDone = parts;
      keyIds = BitSet.valueOf(words);
    };
  }
}
