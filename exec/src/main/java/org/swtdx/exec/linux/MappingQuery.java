package org.swtdx.exec.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Asks for mappings of a process one by one ({@code PROCMAP_QUERY}, linux/fs.h, Linux 6.11): what a
 * range costs does not depend on how many mappings there are elsewhere.
 */
final class MappingQuery {
  private static final int PROCMAP_QUERY = 0xc0686611;
  private static final int SIZE = 104;
  private static final int ADDRESS_OR_NEXT = 0x10;
  private static final int PROTECTION = 7;
  private static final int SHARED = 8;
  private static final int NAME_SIZE = 4096;

  private MappingQuery() {}

  /**
   * Adds the mappings that overlap a range, ascending.
   *
   * @param maps descriptor of the process's {@code /proc/PID/maps}
   * @return whether the kernel answers such questions
   */
  static boolean collect(int maps, long from, long to, List<Mapping> into) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment query = arena.allocate(SIZE, 8);
      MemorySegment name = arena.allocate(NAME_SIZE);
      for (long at = from; Long.compareUnsigned(at, to) < 0; ) {
        query.fill((byte) 0);
        query.set(ValueLayout.JAVA_LONG, 0, SIZE);
        query.set(ValueLayout.JAVA_LONG, 8, ADDRESS_OR_NEXT);
        query.set(ValueLayout.JAVA_LONG, 16, at);
        query.set(ValueLayout.JAVA_INT, 80, NAME_SIZE);
        query.set(ValueLayout.JAVA_LONG, 88, name.address());
        long result = Syscall.call(Syscall.IOCTL, maps, PROCMAP_QUERY, query.address());
        if (result == -Syscall.ENOENT) {
          return true;
        }
        if (result < 0) {
          return false;
        }
        Mapping mapping = mapping(query, name);
        if (Long.compareUnsigned(mapping.start(), to) < 0) {
          into.add(mapping);
        }
        at = mapping.end();
      }
      return true;
    }
  }

  private static Mapping mapping(MemorySegment query, MemorySegment name) {
    int flags = (int) query.get(ValueLayout.JAVA_LONG, 40);
    boolean named = query.get(ValueLayout.JAVA_INT, 80) != 0;
    return new Mapping(
        query.get(ValueLayout.JAVA_LONG, 24),
        query.get(ValueLayout.JAVA_LONG, 32),
        flags & PROTECTION,
        (flags & SHARED) != 0,
        query.get(ValueLayout.JAVA_LONG, 56),
        new FileId(
            FileId.device(query.get(ValueLayout.JAVA_INT, 72), query.get(ValueLayout.JAVA_INT, 76)),
            query.get(ValueLayout.JAVA_LONG, 64)),
        named ? name.getString(0, StandardCharsets.ISO_8859_1) : "");
  }
}
