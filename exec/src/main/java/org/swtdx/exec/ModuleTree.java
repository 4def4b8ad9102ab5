package org.swtdx.exec;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.FileId;
import org.swtdx.exec.linux.NamelessFile;
import org.swtdx.exec.linux.NamelessFile.Access;
import org.swtdx.exec.linux.PidFd;
import org.swtdx.exec.linux.ProcessMemory;
import org.swtdx.exec.linux.Syscall;

/**
 * Folders and parameters of KVM's modules as files that a program can open. They have no names
 * anywhere, so that nothing of them stays, whoever is killed: a folder is an empty one, and what a
 * program reads in it is made here.
 */
final class ModuleTree implements AutoCloseable {
  private static final int O_CLOEXEC = 0x80000;
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;
  private static final int MOST_BYTES = 1 << 16;
  private static final int NAME_OFFSET = 19;
  private static final byte DT_DIR = 4;
  private static final byte DT_REG = 8;

  /** A file by a descriptor of ours. */
  private record Node(int fd, FileId id) {}

  private final Map<String, Node> nodes = new HashMap<>();
  private final Map<FileId, ProbedPaths.Folder> folders = new ConcurrentHashMap<>();

  /** Whether no program can have a folder of these. */
  boolean isEmpty() {
    return folders.isEmpty();
  }

  /** The folder that a file is; null when it is none of these. */
  ProbedPaths.@Nullable Folder folder(FileId id) {
    return folders.get(id);
  }

  /** What the file of a path is known by. */
  FileId id(ProbedPaths.Placed found) throws IOException {
    return node(found).id;
  }

  /** Opens for a call: the descriptor or a negative error number. */
  long open(Call call, ProbedPaths.Placed found, boolean closeOnExec) throws IOException {
    int opened = Syscall.open("/proc/self/fd/" + node(found).fd, O_CLOEXEC);
    if (opened < 0) {
      return opened;
    }
    long given = call.give(opened, closeOnExec);
    Syscall.call(Syscall.CLOSE, opened);
    return given;
  }

  private synchronized Node node(ProbedPaths.Placed found) throws IOException {
    Node known = nodes.get(found.path());
    if (known == null) {
      known =
          switch (found) {
            case ProbedPaths.Folder folder -> newFolder(folder);
            case ProbedPaths.Parameter parameter -> newFile(parameter);
          };
      nodes.put(found.path(), known);
    }
    return known;
  }

  private Node newFolder(ProbedPaths.Folder folder) throws IOException {
    int fd = NamelessFile.createFolder();
    FileId id = FileId.ofDescriptor(fd);
    if (id == null) {
      throw new IOException("a folder that was just opened is gone");
    }
    folders.put(id, folder);
    return new Node(fd, id);
  }

  private static Node newFile(ProbedPaths.Parameter parameter) throws IOException {
    byte[] bytes = parameter.text().getBytes(StandardCharsets.US_ASCII);
    NamelessFile file = NamelessFile.create(bytes.length, Access.READ);
    file.handOver();
    file.write(bytes);
    return new Node(file.ours(), file.id());
  }

  /**
   * Answers getdents64(2) of a folder.
   *
   * @param pid the caller's process
   */
  synchronized void list(Call call, int pid, ProbedPaths.Folder folder) {
    int copy = PidFd.copyDescriptor(pid, call.tid(), call.intArgument(0));
    if (copy < 0) {
      call.letThrough();
      return;
    }
    long position = Syscall.call(Syscall.LSEEK, copy, 0, SEEK_CUR);
    List<String> names = new ArrayList<>(List.of(".", ".."));
    names.addAll(folder.names());
    int room = (int) Math.min(call.argument(2) & 0xffffffffL, MOST_BYTES);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment entries = arena.allocate(MOST_BYTES, 8);
      long next = Math.clamp(position, 0, names.size());
      long used = 0;
      while (next < names.size() && used + length(names.get((int) next)) <= room) {
        used += put(entries, used, names.get((int) next), ++next);
      }
      call.answer(
          used == 0 && next < names.size()
              ? -Syscall.EINVAL
              : copyOut(call, entries.asSlice(0, used), copy, next));
    } finally {
      Syscall.call(Syscall.CLOSE, copy);
    }
  }

  private static long copyOut(Call call, MemorySegment entries, int fd, long position) {
    if (!ProcessMemory.write(call.tid(), call.argument(1), entries)) {
      return -Syscall.EFAULT;
    }
    Syscall.call(Syscall.LSEEK, fd, position, SEEK_SET);
    return entries.byteSize();
  }

  private static int length(String name) {
    return NAME_OFFSET + name.length() + 1 + 7 & -8;
  }

  /** Writes a {@code struct linux_dirent64}; its length. */
  private static int put(MemorySegment entries, long at, String name, long position) {
    boolean folder = name.startsWith(".") || name.equals("parameters");
    entries.set(ValueLayout.JAVA_LONG, at, position); // d_ino: not 0
    entries.set(ValueLayout.JAVA_LONG, at + 8, position);
    entries.set(ValueLayout.JAVA_SHORT, at + 16, (short) length(name));
    entries.set(ValueLayout.JAVA_BYTE, at + 18, folder ? DT_DIR : DT_REG);
    entries.setString(at + NAME_OFFSET, name, StandardCharsets.US_ASCII);
    return length(name);
  }

  @Override
  public synchronized void close() {
    nodes.values().forEach(node -> Syscall.call(Syscall.CLOSE, node.fd));
    nodes.clear();
    folders.clear();
  }
}
