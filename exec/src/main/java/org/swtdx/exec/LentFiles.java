package org.swtdx.exec;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.CloseWatch;
import org.swtdx.exec.linux.FileId;
import org.swtdx.exec.linux.NamelessFile;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.exec.linux.Tasks;
import org.swtdx.kvm.KvmFile;

/**
 * The files that programs have descriptors of, by what the descriptors lead to. A file ends when
 * the last descriptor and mapping of it is gone, wherever it went by dup, fork or a socket.
 */
final class LentFiles implements AutoCloseable {
  private static final int CLOSING_SECONDS = 2;
  private static final int END_SECONDS = 20;

  private final Map<FileId, LentFile> files = new ConcurrentHashMap<>();
  private final Tasks tasks = new Tasks();
  private final CloseWatch watch = new CloseWatch();
  private final ExecutorService releases =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("swtdx-releases").factory());

  private final int maxFiles;

  /**
   * Begins without a file.
   *
   * @param maxFiles that may be open at once
   */
  LentFiles(int maxFiles) throws IOException {
    this.maxFiles = maxFiles;
  }

  /** How many files of a kind are open. */
  int count(Class<? extends KvmFile> kind) {
    return (int) files.values().stream().filter(file -> kind.isInstance(file.file())).count();
  }

  /** The threads that use the files. */
  Tasks tasks() {
    return tasks;
  }

  /** The file behind a descriptor of a task; null when it is none of ours. */
  @Nullable LentFile find(int tid, int fd) {
    FileId id = tasks.file(tid, fd);
    return id == null ? null : files.get(id);
  }

  /** Does something with a file that must not end meanwhile; nothing when it has ended. */
  void use(LentFile file, Consumer<LentFile> action) {
    if (file.retain()) {
      try {
        action.accept(file);
      } finally {
        drop(file);
      }
    }
  }

  /**
   * Gives the caller a descriptor of a new file.
   *
   * @return its number, or a negative error number
   */
  int give(Call call, LentFile file, boolean closeOnExec) throws IOException {
    NamelessFile node = file.node();
    if (files.size() >= maxFiles) {
      node.close();
      return -Syscall.EMFILE;
    }
    Runnable unwatch;
    try {
      unwatch = watch.watch(node, () -> gone(file));
    } catch (IOException e) {
      node.close();
      throw e;
    }
    files.put(node.id(), file);
    file.owner().opened();
    int fd = call.give(node.forProgram(), closeOnExec);
    if (fd < 0) {
      unwatch.run();
      files.remove(node.id());
      file.owner().closed();
      node.close();
    } else {
      node.handOver();
    }
    return fd;
  }

  private void gone(LentFile file) {
    if (!file.becomeUnreachable()) {
      return;
    }
    RunGate gate = file.gate();
    if (gate != null) {
      gate.abandon();
    }
    drop(file);
  }

  private void drop(LentFile file) {
    if (file.drop()) {
      try {
        releases.execute(() -> release(file));
      } catch (RejectedExecutionException e) {
        release(file); // the last files of a program that ended long ago
      }
    }
  }

  private void release(LentFile file) {
    file.file().release();
    file.node().close();
    file.owner().closed();
    files.remove(file.node().id(), file);
  }

  /**
   * Waits until what was closed has been given back, when no task is left that could use a file:
   * descriptors elsewhere, which a socket carried there, are good for nothing. Whether there are
   * none, and nothing is left.
   */
  boolean awaitEmpty() throws InterruptedException {
    boolean closed = isEmptyWithin(CLOSING_SECONDS);
    files.values().forEach(this::gone);
    return isEmptyWithin(END_SECONDS) && closed;
  }

  private boolean isEmptyWithin(int seconds) throws InterruptedException {
    for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        !files.isEmpty() && System.nanoTime() < end; ) {
      Thread.sleep(1);
    }
    return files.isEmpty();
  }

  @Override
  public void close() {
    releases.shutdown();
    watch.close();
    tasks.close();
  }
}
