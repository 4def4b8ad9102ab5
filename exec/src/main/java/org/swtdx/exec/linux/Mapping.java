package org.swtdx.exec.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One mapping of a process, a line of {@code /proc/PID/maps}.
 *
 * @param start first address
 * @param end first address behind it
 * @param protection {@code PROT_*}
 * @param shared whether stores reach the file
 * @param offset where in the file it starts, bytes
 * @param file which file it is; its inode is 0 for anonymous memory
 * @param name of the file, as the kernel tells it; empty for anonymous memory
 */
public record Mapping(
    long start, long end, int protection, boolean shared, long offset, FileId file, String name) {
  private static final int O_CLOEXEC = 0x80000;
  private static final String DELETED = " (deleted)";

  /** Whether there is a file that gives the memory its content, be it one of the kernel's own. */
  public boolean hasFile() {
    return file.inode() != 0 && (shared || !name.equals("/anon_hugepage" + DELETED));
  }

  /**
   * Whether, without a descriptor, nobody can come by the file who has not inherited it: a {@link
   * NamelessFile}, memory that was moved, or shared anonymous memory.
   */
  public boolean isUnreachable() {
    return name.equals("/dev/zero" + DELETED)
        || name.equals("/memfd:" + NamelessFile.MEMORY + DELETED)
        || name.endsWith("/#" + file.inode() + DELETED);
  }

  /** The part of the mapping that is in a range of addresses. */
  Mapping within(long from, long to) {
    long first = Math.max(from, start);
    return new Mapping(
        first, Math.min(to, end), protection, shared, offset + first - start, file, name);
  }

  /** The mappings of a process that overlap a range of addresses, ascending. */
  public static List<Mapping> of(int pid, long from, long to) throws IOException {
    List<Mapping> found = new ArrayList<>();
    String path = "/proc/" + pid + "/maps";
    int maps = Syscall.open(path, O_CLOEXEC);
    if (maps < 0) {
      throw new IOException("%s cannot be read: error %d".formatted(path, -maps));
    }
    try {
      if (MappingQuery.collect(maps, from, to, found)) {
        return found;
      }
    } finally {
      Syscall.call(Syscall.CLOSE, maps);
    }
    found.clear();
    read(Path.of(path), from, to, found);
    return found;
  }

  /** As older kernels tell: all mappings of the process. */
  static void read(Path maps, long from, long to, List<Mapping> into) throws IOException {
    try (var lines = Files.lines(maps, StandardCharsets.ISO_8859_1)) {
      for (String line : (Iterable<String>) lines::iterator) {
        Mapping mapping = parse(line);
        if (mapping.start < to && mapping.end > from) {
          into.add(mapping);
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause(); // it ends while its mappings are read
    }
  }

  static Mapping parse(String line) {
    String[] fields = line.split(" +", 6);
    int dash = fields[0].indexOf('-');
    String flags = fields[1];
    int protection =
        (flags.charAt(0) == 'r' ? 1 : 0)
            | (flags.charAt(1) == 'w' ? 2 : 0)
            | (flags.charAt(2) == 'x' ? 4 : 0);
    int colon = fields[3].indexOf(':');
    long device =
        FileId.device(
            Integer.parseInt(fields[3], 0, colon, 16),
            Integer.parseInt(fields[3], colon + 1, fields[3].length(), 16));
    return new Mapping(
        Long.parseUnsignedLong(fields[0], 0, dash, 16),
        Long.parseUnsignedLong(fields[0], dash + 1, fields[0].length(), 16),
        protection,
        flags.charAt(3) == 's',
        Long.parseUnsignedLong(fields[2], 16),
        new FileId(device, Long.parseUnsignedLong(fields[4])),
        fields.length > 5 ? fields[5] : "");
  }
}
