package org.swtdx.exec.linux;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file of a shared mapping of another process, opened by us with the rights that the process
 * has.
 *
 * @param fd descriptor of ours
 * @param writable whether the process may write the file; what it may only read, nobody writes for
 *     it
 */
record MappedFile(int fd, boolean writable) {
  private static final int O_RDWR = 2;
  private static final int O_CLOEXEC = 0x80000;
  private static final int MAP_SHARED = 1;
  private static final int PROT_WRITE = 2;
  private static final int PAGE = 4096;

  /**
   * Opens the file through any descriptor that the process has of it, or through the mapping itself
   * when the kernel allows us to (CAP_CHECKPOINT_RESTORE); null when there is no way.
   *
   * @throws IOException when touching the file may take as long as somebody likes
   */
  static @Nullable MappedFile open(int tid, Mapping mapping) throws IOException {
    if (FileSystems.areServed(tid, mapping.file().device())) {
      throw new IOException(
          "the file %s is on a file system that others serve, or that is not known; a guest could not"
                  .formatted(mapping.name())
              + " go on without them");
    }
    MappedFile readable = null;
    for (Path link : candidates(tid, mapping)) {
      MappedFile opened = open(link, mapping);
      if (opened != null && opened.writable) {
        close(readable);
        return opened;
      }
      if (opened != null) {
        close(readable);
        readable = opened;
      }
    }
    return readable != null ? readable : open(linkOf(tid, mapping), mapping);
  }

  private static void close(@Nullable MappedFile opened) {
    if (opened != null) {
      Syscall.call(Syscall.CLOSE, opened.fd);
    }
  }

  private static Path linkOf(int tid, Mapping mapping) {
    return Path.of("/proc/%d/map_files/%x-%x".formatted(tid, mapping.start(), mapping.end()));
  }

  /** The descriptors of a task that may be of the file. */
  private static List<Path> candidates(int tid, Mapping mapping) throws IOException {
    FileId file = mapping.file();
    boolean anyDevice = FileSystems.mayHaveOtherDevices(tid, file.device());
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/" + tid + "/fd"))) {
      for (Path link : links) {
        FileId id = FileId.ofDescriptor(tid, Integer.parseInt(link.getFileName().toString()));
        if (id != null && (id.equals(file) || anyDevice && id.inode() == file.inode())) {
          found.add(link);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  private static @Nullable MappedFile open(Path link, Mapping mapping) {
    Set<PosixFilePermission> rights;
    try {
      rights = Files.getPosixFilePermissions(link, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      return null; // closed meanwhile
    }
    if (!rights.contains(PosixFilePermission.OWNER_READ)) {
      return null;
    }
    // A mapping that can be written was made by a descriptor that could.
    boolean writable =
        rights.contains(PosixFilePermission.OWNER_WRITE)
            || (mapping.protection() & PROT_WRITE) != 0;
    int fd = Syscall.open(link.toString(), (writable ? O_RDWR : 0) | O_CLOEXEC);
    if (fd >= 0 && !isOf(fd, mapping)) {
      Syscall.call(Syscall.CLOSE, fd);
      return null;
    }
    return fd < 0 ? null : new MappedFile(fd, writable);
  }

  /**
   * Whether a descriptor of ours is of a mapping's file: two file systems may number files alike.
   */
  private static boolean isOf(int fd, Mapping mapping) {
    FileId id = FileId.ofDescriptor(fd);
    if (mapping.file().equals(id)) {
      return true;
    }
    long at = Syscall.call(Syscall.MMAP, 0, PAGE, 0, MAP_SHARED, fd, 0);
    if (at < 0 && at > -PAGE) {
      return false;
    }
    try {
      int self = (int) ProcessHandle.current().pid();
      return Mapping.of(self, at, at + PAGE).getFirst().file().equals(mapping.file());
    } catch (IOException e) {
      return false;
    } finally {
      Syscall.call(Syscall.MUNMAP, at, PAGE);
    }
  }
}
