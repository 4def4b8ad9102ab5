package org.swtdx.exec;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
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
  /** After the last task has ended, how long the kernel's news of what that closed may take. */
  static final Duration CLOSING = Duration.ofSeconds(2);

  private static final Duration END = Duration.ofSeconds(20);
  private static final int LOOK_MILLIS = 100;

  /**
   * What was not as it should when a program had ended.
   *
   * @param elsewhere files that descriptors were left of, outside of the program
   * @param kept files that could not be released
   */
  record Rest(int elsewhere, int kept) {}

  private final Map<FileId, LentFile> files = new ConcurrentHashMap<>();
  private final Tasks tasks = new Tasks();
  private final CloseWatch watch = new CloseWatch();
  private final ExecutorService releases =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("swtdx-releases").factory());

  private final int maxFiles;
  private final Duration closing;

  /**
   * Begins without a file.
   *
   * @param maxFiles that may be open at once
   * @param closing see {@link #CLOSING}
   */
  LentFiles(int maxFiles, Duration closing) throws IOException {
    this.maxFiles = maxFiles;
    this.closing = closing;
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

  /** Does something with a file that must not end meanwhile; false when it has ended. */
  boolean use(LentFile file, Consumer<LentFile> action) {
    if (!file.retain()) {
      return false;
    }
    try {
      action.accept(file);
      return true;
    } finally {
      drop(file);
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
    Runnable unwatch = add(file);
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

  /** Knows a file from now on; what is returned ends the watch over its descriptors. */
  Runnable add(LentFile file) throws IOException {
    NamelessFile node = file.node();
    Runnable unwatch;
    try {
      unwatch = watch.watch(node, () -> gone(file));
    } catch (IOException e) {
      node.close();
      throw e;
    }
    files.put(node.id(), file);
    file.owner().opened();
    return unwatch;
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
    RunGate gate = file.gate();
    if (gate != null) {
      gate.close();
    }
    file.file().release();
    file.node().close();
    file.owner().closed();
    files.remove(file.node().id(), file);
  }

  /**
   * Waits until everything has been given back, when no task is left that could use a file:
   * descriptors elsewhere, which a socket carried there, are good for nothing.
   *
   * @param ending whether tasks that had files have still to get to their end
   */
  Rest awaitEmpty(BooleanSupplier ending) throws InterruptedException {
    awaitClosed(ending);
    List<LentFile> elsewhere = files.values().stream().filter(f -> !f.isUnreachable()).toList();
    elsewhere.forEach(this::gone);
    awaitReleased();
    return new Rest(elsewhere.size(), files.size());
  }

  private void awaitClosed(BooleanSupplier ending) throws InterruptedException {
    long begin = System.nanoTime();
    long patience = begin + closing.toNanos();
    for (long look = begin; !areClosed() && System.nanoTime() < patience; ) {
      Thread.sleep(1);
      long now = System.nanoTime();
      if (now - look > TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS)
          && now - begin < END.toNanos()
          && ending.getAsBoolean()) {
        look = now;
        patience = now + closing.toNanos();
      }
    }
  }

  private boolean areClosed() {
    return files.values().stream().allMatch(LentFile::isUnreachable);
  }

  /** Waits for as long as something is given back now and then. */
  private void awaitReleased() throws InterruptedException {
    int left = files.size();
    for (long end = System.nanoTime() + END.toNanos();
        !files.isEmpty() && System.nanoTime() < end; ) {
      Thread.sleep(1);
      if (files.size() < left) {
        left = files.size();
        end = System.nanoTime() + END.toNanos();
      }
    }
  }

  @Override
  public void close() {
    releases.shutdown();
    watch.close();
    tasks.close();
  }
}
