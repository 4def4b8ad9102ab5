package org.swtdx.exec.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Waits for events of descriptors (poll(2)). For one thread at a time. */
public final class Poll {
  /** Something can be read. */
  public static final int IN = 1;

  /** Something can be written. */
  public static final int OUT = 4;

  /** The other end is gone; reported whether asked for or not. */
  public static final int HUP = 0x10;

  private static final int ENTRY = 8;

  private final MemorySegment entries;
  private final int size;

  /** Entries to be {@link #set}. */
  public Poll(Arena arena, int size) {
    entries = arena.allocate((long) size * ENTRY, 8);
    this.size = size;
  }

  /** Sets what an entry waits for. */
  public Poll set(int index, int fd, int events) {
    entries.set(ValueLayout.JAVA_INT, (long) index * ENTRY, fd);
    entries.set(ValueLayout.JAVA_INT, (long) index * ENTRY + 4, events);
    return this;
  }

  /**
   * Waits; whether there are events. A signal may end it early.
   *
   * @param millis at most; negative: without bound
   */
  public boolean await(int millis) {
    return Syscall.call(Syscall.POLL, entries.address(), size, millis) > 0;
  }

  /** The events of an entry, after {@link #await} found any. */
  public int events(int index) {
    return entries.get(ValueLayout.JAVA_SHORT, (long) index * ENTRY + 6);
  }

  /** Waits for events of one descriptor: those that came, 0 for none. */
  public static int events(int fd, int events, int millis) {
    try (Arena arena = Arena.ofConfined()) {
      Poll poll = new Poll(arena, 1).set(0, fd, events);
      return poll.await(millis) ? poll.events(0) : 0;
    }
  }
}
