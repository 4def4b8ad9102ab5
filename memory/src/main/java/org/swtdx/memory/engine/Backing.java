package org.swtdx.memory.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * The bytes behind a physical address space: one mapping that reads as zeros and takes memory from
 * the machine only where it was written. On Linux an anonymous mapping without reservation,
 * elsewhere (or when the kernel refuses one) a sparse temporary file that is deleted on close.
 *
 * <p>After {@link #close} the addresses are invalid for the whole process: an access through {@link
 * org.swtdx.memory.seam.NativeAccess} would end the JVM. Processors stop before memory is closed.
 */
final class Backing implements AutoCloseable {
  private static final int PROT_READ_WRITE = 0x3;
  private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x2 | 0x20 | 0x4000; // Linux values
  private static final int MAP_SHARED = 1;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_FIXED = 0x10;
  private static final int MADV_NOHUGEPAGE = 15;

  private final long base;
  private final boolean mapped;
  private final Runnable release;

  private Backing(long base, boolean mapped, Runnable release) {
    this.base = base;
    this.mapped = mapped;
    this.release = release;
  }

  /** Maps {@code size} bytes of zeros. */
  static Backing create(long size) {
    if (System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("linux")) {
      long base = LinuxCalls.map(size);
      if (base != -1) {
        return new Backing(base, true, () -> LinuxCalls.unmap(base, size));
      }
    }
    return ofSparseFile(size);
  }

  /** Maps a sparse temporary file of {@code size} bytes. */
  static Backing ofSparseFile(long size) {
    Arena arena = Arena.ofShared();
    try {
      Path file = Files.createTempFile("swtdx-memory", ".bin");
      try (FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.SPARSE,
              StandardOpenOption.DELETE_ON_CLOSE)) {
        MemorySegment segment = channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
        return new Backing(segment.address(), false, arena::close);
      }
    } catch (IOException e) {
      arena.close();
      throw new UncheckedIOException("no room for " + size + " bytes of guest memory", e);
    }
  }

  /** Native address of the first byte. */
  long base() {
    return base;
  }

  /**
   * Puts bytes of an open file in the place of a range; writes through either are seen by both if
   * it is shared, else ours by nobody.
   *
   * @throws IOException when the file cannot be mapped, or the backing is no mapping of its own
   */
  void mapFile(long hpa, long size, int fd, long offset, boolean shared) throws IOException {
    int flags = MAP_FIXED | (shared ? MAP_SHARED : MAP_PRIVATE);
    if (!mapped || !LinuxCalls.mapFixed(base + hpa, size, flags, fd, offset)) {
      throw new IOException(
          "cannot map %d bytes of file descriptor %d at offset %#x".formatted(size, fd, offset));
    }
  }

  /** Puts zeros of the backing's own in the place of a range again. */
  void unmapFile(long hpa, long size) {
    int flags = MAP_PRIVATE_ANONYMOUS_NORESERVE | MAP_FIXED;
    if (!LinuxCalls.mapFixed(base + hpa, size, flags, -1, 0)) {
      throw new IllegalStateException("mapping zeros over a range of our own failed");
    }
  }

  @Override
  public void close() {
    release.run();
  }

  /** The three calls of the C library that the anonymous mapping needs. */
  @SuppressWarnings("restricted") // native calls are what this class is for
  private static final class LinuxCalls {
    private static final MethodHandle MMAP =
        handle(
            "mmap",
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG));
    private static final MethodHandle MUNMAP =
        handle(
            "munmap",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    private static final MethodHandle MADVISE =
        handle(
            "madvise",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));

    private LinuxCalls() {}

    private static MethodHandle handle(String name, FunctionDescriptor signature) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), signature);
    }

    /** Returns the address of a new mapping, or -1 when the kernel refuses it. */
    static long map(long size) {
      try {
        long base =
            (long)
                MMAP.invokeExact(
                    0L, size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0L);
        if (base != -1) {
          // One touched frame shall cost one frame. A kernel without huge pages refuses the advice,
          // which changes nothing.
          int _ = (int) MADVISE.invokeExact(base, size, MADV_NOHUGEPAGE);
        }
        return base;
      } catch (Throwable e) {
        throw new LinkageError("mmap could not be called", e);
      }
    }

    /** Replaces what is mapped at an address; false when the kernel refuses. */
    static boolean mapFixed(long address, long size, int flags, int fd, long offset) {
      try {
        long at = (long) MMAP.invokeExact(address, size, PROT_READ_WRITE, flags, fd, offset);
        if (at == address) {
          int _ = (int) MADVISE.invokeExact(address, size, MADV_NOHUGEPAGE);
        }
        return at == address;
      } catch (Throwable e) {
        throw new LinkageError("mmap could not be called", e);
      }
    }

    static void unmap(long base, long size) {
      int result;
      try {
        result = (int) MUNMAP.invokeExact(base, size);
      } catch (Throwable e) {
        throw new LinkageError("munmap could not be called", e);
      }
      if (result != 0) {
        throw new IllegalStateException("munmap of a mapping of our own failed");
      }
    }
  }
}
