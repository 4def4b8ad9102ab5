package org.swtdx.exec.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;

/**
 * A file without a name on a file system in memory. Its descriptors can be given to a program,
 * which may duplicate, pass on, map and close them as any others; the inode tells which object one
 * means, and {@link CloseWatch} when the last is gone. (memfd_create(2) would do the same, but the
 * kernel reports no closing of a memfd since Linux 6.14. It does for the memory of guests.)
 */
public final class NamelessFile implements AutoCloseable {
  private static final int O_RDWR = 2;
  private static final int O_TMPFILE = 0x410000;
  private static final int O_CLOEXEC = 0x80000;
  private static final int O_DIRECTORY = 0x10000;

  /** The access mode of a descriptor for ioctls only: open(2), "access mode 3". */
  private static final int O_NEITHER = 3;

  /** By what name memory of programs that was moved to a file shows in their mappings. */
  static final String MEMORY = "swtdx-memory";

  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_NOEXEC_SEAL = 8;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;
  private static final List<Path> FOLDERS = folders();

  /** What a program may do with its descriptor besides naming the file. */
  public enum Access {
    /** Neither read, write nor map. */
    NONE(O_NEITHER),
    /** Read. */
    READ(0),
    /** Read, write, and map for both. */
    READ_WRITE(O_RDWR);

    private final int mode;

    Access(int mode) {
      this.mode = mode;
    }
  }

  private final int program;
  private final int ours;
  private final FileId id;
  private long size;
  private boolean handedOver;

  private NamelessFile(int program, int ours, FileId id, long size) {
    this.program = program;
    this.ours = ours;
    this.id = id;
    this.size = size;
  }

  /**
   * Makes an empty folder without a name, which is nothing but itself; nothing can be put into it.
   *
   * @return a descriptor of ours
   */
  public static int createFolder() throws IOException {
    long error = -Syscall.ENOENT;
    for (Path parent : FOLDERS) {
      Path name = parent.resolve("swtdx-" + UUID.randomUUID());
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment path = arena.allocateFrom(name.toString());
        error = Syscall.call(Syscall.MKDIR, path.address(), 0755);
        if (error == 0) {
          error = Syscall.open(name.toString(), O_DIRECTORY | O_CLOEXEC);
          Syscall.call(Syscall.RMDIR, path.address());
        }
        if (error >= 0) {
          return (int) error;
        }
      }
    }
    throw new IOException("no unnamed folder can be made in " + FOLDERS + ": error " + -error);
  }

  /**
   * Makes an empty file that only memory bounds (memfd_create(2)), not a file system's size; {@link
   * CloseWatch} cannot watch it. There is no descriptor for the program but a copy of ours.
   */
  static NamelessFile createMemory() throws IOException {
    int fd = memory(MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    if (fd == -Syscall.EINVAL) { // before Linux 6.3
      fd = memory(MFD_CLOEXEC);
    }
    FileId id = fd < 0 ? null : FileId.ofDescriptor(fd);
    if (id == null) {
      throw new IOException("no file in memory can be made: error " + -fd);
    }
    NamelessFile file = new NamelessFile(-1, fd, id, 0);
    file.handedOver = true;
    return file;
  }

  /** memfd_create(2): a descriptor, or a negative error number. */
  static int memory(int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(MEMORY);
      return (int) Syscall.call(Syscall.MEMFD_CREATE, name.address(), flags);
    }
  }

  private static List<Path> folders() {
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    return runtime == null
        ? List.of(Path.of("/dev/shm"), Path.of("/tmp"))
        : List.of(Path.of("/dev/shm"), Path.of(runtime), Path.of("/tmp"));
  }

  /**
   * Makes a file of {@code size} zero bytes.
   *
   * @param access what its descriptor for the program allows
   */
  public static NamelessFile create(long size, Access access) throws IOException {
    long error = -Syscall.ENOENT;
    for (Path folder : FOLDERS) {
      if (Files.isDirectory(folder)) {
        long fd = Syscall.open(folder.toString(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (fd >= 0) {
          return of((int) fd, size, access);
        }
        error = fd;
      }
    }
    throw new IOException("no unnamed file can be made in " + FOLDERS + ": error " + -error);
  }

  private static NamelessFile of(int ours, long size, Access access) throws IOException {
    // The first open file is ours; the second shall be referred to by the program alone.
    int program = Syscall.open("/proc/self/fd/" + ours, access.mode | O_CLOEXEC);
    FileId id = program < 0 ? null : FileId.ofDescriptor(ours);
    if (id == null || Syscall.call(Syscall.FTRUNCATE, ours, size) < 0) {
      Syscall.call(Syscall.CLOSE, program);
      Syscall.call(Syscall.CLOSE, ours);
      throw new IOException("no unnamed file of " + size + " bytes can be made");
    }
    return new NamelessFile(program, ours, id, size);
  }

  /** What the file is known by. */
  public FileId id() {
    return id;
  }

  /** Bytes. */
  public long size() {
    return size;
  }

  /** The descriptor to be copied into the program; gone after {@link #handOver}. */
  public int forProgram() {
    return program;
  }

  /** Our own descriptor of the same file. */
  public int ours() {
    return ours;
  }

  /** Lets go of the open file that the program now has. */
  public void handOver() {
    if (!handedOver) {
      handedOver = true;
      Syscall.call(Syscall.CLOSE, program);
    }
  }

  /** Makes the file longer by zeros; {@code to} is its length then, or less than it is already. */
  void growTo(long to) throws IOException {
    if (to <= size) {
      return;
    }
    long result = Syscall.call(Syscall.FTRUNCATE, ours, to);
    if (result < 0) {
      throw new IOException("a file cannot grow to %d bytes: error %d".formatted(to, -result));
    }
    size = to;
  }

  /** Maps all of the file into this process; it stays mapped until {@link #unmap}. */
  public MemorySegment map() throws IOException {
    return map(0, size);
  }

  /** Maps a part of the file, which begins at a page. */
  @SuppressWarnings("restricted") // the kernel just said how long the mapping is
  MemorySegment map(long offset, long length) throws IOException {
    long at = Syscall.call(Syscall.MMAP, 0, length, PROT_READ_WRITE, MAP_SHARED, ours, offset);
    if (at < 0 && at > -4096) {
      throw new IOException("mmap failed with error " + -at);
    }
    return MemorySegment.ofAddress(at).reinterpret(length);
  }

  /**
   * Maps all of the file into this process for as long as anybody refers to the mapping. It opens
   * the file once more: to be called before the file is watched.
   */
  public MemorySegment mapUntilUnused() throws IOException {
    Path path = Path.of("/proc/self/fd/" + ours);
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return file.map(FileChannel.MapMode.READ_WRITE, 0, size, Arena.ofAuto());
    }
  }

  /** Ends a mapping of {@link #map}; nobody may use it any more. */
  public static void unmap(MemorySegment mapping) {
    Syscall.call(Syscall.MUNMAP, mapping.address(), mapping.byteSize());
  }

  /** Writes bytes at the start of the file. */
  public void write(byte[] content) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, content);
      Syscall.call(Syscall.PWRITE64, ours, bytes.address(), content.length, 0);
    }
  }

  @Override
  public void close() {
    handOver();
    Syscall.call(Syscall.CLOSE, ours);
  }
}
