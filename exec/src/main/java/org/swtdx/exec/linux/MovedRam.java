package org.swtdx.exec.linux;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The file that memory of a process was moved to last. What follows it in the address space is
 * moved to the same file, so that the kernel has one mapping for both.
 */
public final class MovedRam implements AutoCloseable {
  private @Nullable NamelessFile file;
  private long end;

  /** Nothing was moved yet. */
  public MovedRam() {}

  /** The file for memory at an address, which is to be appended. */
  NamelessFile fileFor(long address) throws IOException {
    NamelessFile last = file;
    if (last == null || address != end) {
      close();
      last = NamelessFile.create(0, NamelessFile.Access.NONE);
      last.handOver();
      file = last;
    }
    end = 0; // until it is moved
    return last;
  }

  /** Memory up to an address was moved. */
  void movedUpTo(long address) {
    end = address;
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
    file = null;
  }
}
