package org.swtdx.exec.linux;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The file that memory of a process was moved to last. What borders on it in the address space, on
 * either side, is moved to the same file, so that the kernel has one mapping and one descriptor of
 * ours for all. The file has holes: it begins where there is room below.
 */
public final class MovedRam implements AutoCloseable {
  private static final long ROOM_BELOW = 1L << 40;

  private @Nullable NamelessFile file;
  private boolean whole;

  /** Addresses that the file has, and where the first of them is in it. */
  private long low;

  private long high;
  private long lowOffset;

  /** Offset behind all that was ever used, and how far down from {@code low} nothing was. */
  private long top;

  private long floor;

  /** Nothing was moved yet. */
  public MovedRam() {}

  /** The file for memory at some addresses, which {@link #place} says where to put. */
  NamelessFile fileFor(long from, long to) throws IOException {
    NamelessFile last = file;
    if (last == null || !whole || !bordersOn(from, to)) {
      close();
      last = NamelessFile.createMemory();
      file = last;
      low = high = from;
      lowOffset = top = roomBelow(last);
      floor = 0;
    }
    whole = false; // until it is moved
    return last;
  }

  /** Where a file begins: at 0 when files must not be long (RLIMIT_FSIZE). */
  private static long roomBelow(NamelessFile empty) {
    try {
      empty.growTo(ROOM_BELOW);
      return ROOM_BELOW;
    } catch (IOException e) {
      return 0;
    }
  }

  private boolean bordersOn(long from, long to) {
    return from == high || to == low && lowOffset - floor >= to - from;
  }

  /** The offset in the file for memory at some addresses, where nothing has been before. */
  long place(long from, long to) throws IOException {
    NamelessFile here = file;
    if (here == null) {
      throw new IOException("memory is moved to a file that is closed");
    }
    if (!bordersOn(from, to)) { // the process has mapped something else meanwhile
      low = high = from;
      lowOffset = floor = top;
    }
    if (from == high) {
      high = to;
    } else {
      low = from;
      lowOffset -= to - from;
    }
    top = Math.max(top, lowOffset + high - low);
    here.growTo(top);
    return lowOffset + from - low;
  }

  /** All of it was moved. */
  void moved() {
    whole = true;
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
    file = null;
  }
}
