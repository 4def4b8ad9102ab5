package org.swtdx.exec.linux;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Makes memory of another process shared with this one, page for page, so that both see each
 * other's stores at once and atomics hold between them. What is a shared mapping of a file already
 * is opened a second time. Anonymous and private memory, and what was moved before and then lost
 * all descriptors, is moved into a file of ours: all threads of the process are stopped, the
 * content is copied, and one of them maps the file over the old pages.
 */
public final class SharedRam {
  private static final int PAGE = 4096;
  private static final int COPY = 1 << 21;
  private static final int MAP_SHARED_FIXED = 0x11;
  private static final long PRESENT_OR_SWAPPED = 3L << 62;

  /**
   * Bytes of the process that can be mapped from a descriptor of ours.
   *
   * @param address in the process
   * @param size bytes
   * @param fd descriptor of ours, to be closed by the receiver
   * @param offset in the file
   * @param file which file it is, as mappings tell
   * @param writable whether the process may write the file
   */
  public record Piece(
      long address, long size, int fd, long offset, FileId file, boolean writable) {}

  /** Gives the process a descriptor of ours while one of its calls is being answered. */
  @FunctionalInterface
  public interface DescriptorGift {
    /** The number of the copy in the process, or a negative error number. */
    int give(int ours);
  }

  private final int pid;
  private final int tid;
  private final MovedRam moved;
  private final DescriptorGift gift;
  private final IntConsumer letStop;
  private final List<Piece> pieces = new ArrayList<>();

  private SharedRam(int pid, int tid, MovedRam moved, DescriptorGift gift, IntConsumer letStop) {
    this.pid = pid;
    this.tid = tid;
    this.moved = moved;
    this.gift = gift;
    this.letStop = letStop;
  }

  /**
   * Shares a range of whole pages; where nothing is mapped, nothing is shared.
   *
   * @param pid process
   * @param tid its thread whose call is being answered; when memory must be moved that call starts
   *     again, and its answer is lost
   * @param moved where memory of the process was moved to before
   * @param letStop lets a thread of the process stop, as {@link Tracer#whileStopped} says
   * @throws IOException with the reason why the memory cannot be shared
   */
  public static List<Piece> share(
      int pid,
      int tid,
      MovedRam moved,
      long address,
      long size,
      DescriptorGift gift,
      IntConsumer letStop)
      throws IOException {
    SharedRam work = new SharedRam(pid, tid, moved, gift, letStop);
    try {
      work.share(address, address + size);
      return work.pieces;
    } catch (IOException e) {
      work.closePieces();
      throw e;
    }
  }

  private void share(long from, long to) throws IOException {
    List<Mapping> toMove = shareFiles(from, to);
    if (!toMove.isEmpty()) {
      move(from, to, moved.fileFor(toMove.getFirst().start(), toMove.getLast().end()));
    }
  }

  /** Shares what is mapped from files of others; what has to be moved is left. */
  private List<Mapping> shareFiles(long from, long to) throws IOException {
    List<Mapping> toMove = new ArrayList<>();
    for (Mapping mapping : Mapping.of(tid, from, to)) {
      Mapping part = mapping.within(from, to);
      boolean ofFile = mapping.shared() && mapping.file().inode() != 0;
      MappedFile file = ofFile ? MappedFile.open(tid, mapping) : null;
      if (file != null) {
        long size = part.end() - part.start();
        pieces.add(
            new Piece(part.start(), size, file.fd(), part.offset(), part.file(), file.writable()));
      } else if (!ofFile || mapping.isUnreachable()) {
        toMove.add(part);
      } else {
        throw new IOException(
            "process %d shares memory of a file that it has no descriptor of".formatted(pid));
      }
    }
    return toMove;
  }

  /**
   * Moves what is to be moved. What is mapped counts when the threads have stopped: until then they
   * may map other memory.
   */
  private void move(long from, long to, NamelessFile file) throws IOException {
    int there = gift.give(file.ours());
    if (there < 0) {
      throw new IOException("process %d takes no descriptor: error %d".formatted(pid, -there));
    }
    Tracer.whileStopped(pid, letStop, tracer -> move(tracer, from, to, file, there));
  }

  private void move(Tracer tracer, long from, long to, NamelessFile file, int there)
      throws IOException {
    closePieces();
    List<Mapping> mappings = shareFiles(from, to);
    if (!mappings.isEmpty()) {
      long start = mappings.getFirst().start();
      long end = mappings.getLast().end();
      long offset = moved.place(start, end);
      copy(mappings, file, offset, end - start);
      mapOverOrClose(tracer, mappings, there, offset - start);
      sharePieces(mappings, file, offset - start);
    }
    moved.moved();
    tracer.call(tid, Syscall.CLOSE, there);
  }

  private void closePieces() {
    pieces.forEach(piece -> Syscall.call(Syscall.CLOSE, piece.fd));
    pieces.clear();
  }

  /** Copies the content of mappings to a part of a file where nothing is. */
  private void copy(List<Mapping> mappings, NamelessFile file, long offset, long size)
      throws IOException {
    MemorySegment copy = file.map(offset, size);
    try {
      for (Mapping mapping : mappings) {
        long at = mapping.start() - mappings.getFirst().start();
        MemorySegment target = copy.asSlice(at, mapping.end() - mapping.start());
        if (mapping.hasFile()) {
          copyAll(mapping, target);
        } else {
          copyPresent(mapping, target);
        }
      }
    } finally {
      NamelessFile.unmap(copy);
    }
  }

  private void sharePieces(List<Mapping> mappings, NamelessFile file, long origin) {
    for (Mapping mapping : mappings) {
      int fd = (int) Syscall.call(Syscall.DUP, file.ours());
      long length = mapping.end() - mapping.start();
      pieces.add(new Piece(mapping.start(), length, fd, origin + mapping.start(), file.id(), true));
    }
  }

  /** As {@link #mapOver}; the process does not keep the descriptor when that fails. */
  private void mapOverOrClose(Tracer tracer, List<Mapping> mappings, int fd, long origin)
      throws IOException {
    try {
      mapOver(tracer, mappings, fd, origin);
    } catch (IOException e) {
      try {
        tracer.call(tid, Syscall.CLOSE, fd);
      } catch (IOException ended) {
        e.addSuppressed(ended);
      }
      throw e;
    }
  }

  private void mapOver(Tracer tracer, List<Mapping> mappings, int fd, long origin)
      throws IOException {
    for (Mapping mapping : mappings) {
      long at =
          tracer.call(
              tid,
              Syscall.MMAP,
              mapping.start(),
              mapping.end() - mapping.start(),
              mapping.protection(),
              MAP_SHARED_FIXED,
              fd,
              origin + mapping.start());
      if (at != mapping.start()) {
        throw new IOException("process %d could not map: error %d".formatted(pid, -at));
      }
    }
  }

  /** Copies the pages of a file that are not zeros, whether the process has touched them or not. */
  private void copyAll(Mapping mapping, MemorySegment into) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(COPY, PAGE);
      MemorySegment zeros = arena.allocate(PAGE);
      for (long at = mapping.start(); at < mapping.end(); at += COPY) {
        long length = Math.min(COPY, mapping.end() - at);
        if (!ProcessMemory.readAny(tid, at, buffer.asSlice(0, length))) {
          throw new IOException("memory of process %d cannot be read".formatted(pid));
        }
        for (long page = 0; page < length; page += PAGE) {
          if (buffer.asSlice(page, PAGE).mismatch(zeros) >= 0) {
            into.asSlice(at - mapping.start() + page, PAGE).copyFrom(buffer.asSlice(page, PAGE));
          }
        }
      }
    }
  }

  /** Copies the pages that the process has touched; the others are zeros in both places. */
  private void copyPresent(Mapping mapping, MemorySegment into) throws IOException {
    try (RandomAccessFile pagemap = new RandomAccessFile("/proc/" + tid + "/pagemap", "r")) {
      byte[] entries = new byte[COPY / PAGE * Long.BYTES];
      for (long at = mapping.start(); at < mapping.end(); at += COPY) {
        int pages = (int) (Math.min(COPY, mapping.end() - at) / PAGE);
        pagemap.seek(at / PAGE * Long.BYTES);
        pagemap.readFully(entries, 0, pages * Long.BYTES);
        copyPages(at, pages, entries, into.asSlice(at - mapping.start()));
      }
    }
  }

  private void copyPages(long at, int pages, byte[] entries, MemorySegment into)
      throws IOException {
    ByteBuffer states = ByteBuffer.wrap(entries).order(ByteOrder.nativeOrder());
    for (int page = 0; page < pages; ) {
      int end = page;
      while (end < pages && (states.getLong(end * Long.BYTES) & PRESENT_OR_SWAPPED) != 0) {
        end++;
      }
      long offset = (long) page * PAGE;
      if (end > page
          && !ProcessMemory.readAny(
              tid, at + offset, into.asSlice(offset, (long) (end - page) * PAGE))) {
        throw new IOException("memory of process %d cannot be read".formatted(pid));
      }
      page = Math.max(end, page + 1);
    }
  }
}
