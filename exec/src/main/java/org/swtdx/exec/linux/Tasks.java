package org.swtdx.exec.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Threads of other processes that are waiting in a call. For each a descriptor of its folder of
 * descriptors in /proc is kept, which saves most of the way there: the folder is that thread's and
 * becomes empty when it ends, whoever has its number then.
 */
public final class Tasks implements AutoCloseable {
  private static final int MOST = 256;
  private static final int O_DIRECTORY_PATH_CLOEXEC = 0x290000;

  /** Of threads that run, or would if a processor were free. */
  public static final int RUNNING = -2;

  /** Of threads that have ended, or wait outside of system calls. */
  public static final int UNKNOWN = -1;

  private static final class Task {
    final int group;
    private final int folder;
    private boolean closed;

    Task(int group, int folder) {
      this.group = group;
      this.folder = folder;
    }

    synchronized @Nullable FileId file(int fd) {
      return closed ? null : FileId.inFolder(folder, fd);
    }

    synchronized boolean isClosed() {
      return closed;
    }

    synchronized void close() {
      if (!closed) {
        closed = true;
        Syscall.call(Syscall.CLOSE, folder);
      }
    }
  }

  private final Map<Integer, Task> tasks = new ConcurrentHashMap<>();

  /** Whether there is a thread, perhaps one that nobody has waited for after its end. */
  public static boolean exists(int tid) {
    return Files.exists(Path.of("/proc/" + tid));
  }

  /** What a thread is in: the number of a system call, {@link #RUNNING} or {@link #UNKNOWN}. */
  public static int activity(int tid) {
    try {
      String state =
          Files.readString(Path.of("/proc/" + tid + "/syscall"), StandardCharsets.ISO_8859_1);
      int end = state.indexOf(' ');
      return state.startsWith("running") ? RUNNING : Integer.parseInt(state, 0, end, 10);
    } catch (IOException | RuntimeException e) {
      return UNKNOWN; // it is gone, or nobody may know
    }
  }

  /** Whether a thread of a process has not come to its end. */
  public static boolean runs(int pid) {
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      for (Path thread : threads) {
        if (!hasEnded(thread)) {
          return true;
        }
      }
      return false;
    } catch (IOException | DirectoryIteratorException e) {
      return false; // it is gone
    }
  }

  /** Whether a thread, by its folder in /proc, is gone, or nothing is left of it but its status. */
  static boolean hasEnded(Path thread) {
    try {
      String state = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
      int at = state.lastIndexOf(") ") + 2;
      return state.startsWith("Z", at) || state.startsWith("X", at);
    } catch (IOException e) {
      return true;
    }
  }

  /** The file of a descriptor of a thread; null when it is not open, or cannot be seen. */
  public @Nullable FileId file(int tid, int fd) {
    Task known = tasks.get(tid);
    FileId file = known == null ? null : known.file(fd);
    while (file == null) {
      // No such descriptor, or no such thread any more.
      Task found = look(tid);
      if (found == null) {
        return null;
      }
      file = found.file(fd);
      if (file == null && !found.isClosed()) {
        return null;
      }
    }
    return file;
  }

  /** The process of a thread whose descriptor was just asked for; null when it ended. */
  public @Nullable Integer processOfCaller(int tid) {
    Task known = tasks.get(tid);
    return known == null ? process(tid) : Integer.valueOf(known.group);
  }

  /** The process of a thread; null when it ended. */
  public @Nullable Integer process(int tid) {
    Task found = look(tid);
    return found == null ? null : found.group;
  }

  private @Nullable Task look(int tid) {
    if (tasks.size() >= MOST) {
      forgetAll();
    }
    int folder = Syscall.open("/proc/" + tid + "/fd", O_DIRECTORY_PATH_CLOEXEC);
    Integer group = folder < 0 ? null : threadGroup(tid);
    if (group == null) {
      Syscall.call(Syscall.CLOSE, folder);
      return null;
    }
    Task found = new Task(group, folder);
    Task before = tasks.put(tid, found);
    if (before != null) {
      before.close();
    }
    return found;
  }

  private static @Nullable Integer threadGroup(int tid) {
    try {
      // Threads have any bytes for a name.
      Path status = Path.of("/proc/" + tid + "/status");
      for (String line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
        if (line.startsWith("Tgid:")) {
          return Integer.valueOf(line.substring("Tgid:".length()).trim());
        }
      }
    } catch (IOException e) {
      return null; // it ended
    }
    return null;
  }

  private void forgetAll() {
    for (Integer tid : List.copyOf(tasks.keySet())) {
      Task task = tasks.remove(tid);
      if (task != null) {
        task.close();
      }
    }
  }

  @Override
  public void close() {
    forgetAll();
  }
}
