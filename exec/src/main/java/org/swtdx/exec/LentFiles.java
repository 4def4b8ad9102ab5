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

/**
 * The files that programs have descriptors of, by what the descriptors lead to. A file ends when
 * the last descriptor and mapping of it is gone, wherever it went by dup, fork or a socket.
 */
final class LentFiles implements AutoCloseable {
  private static final long END_SECONDS = 20;

  private final Map<FileId, LentFile> files = new ConcurrentHashMap<>();
  private final CloseWatch watch = new CloseWatch();
  private final ExecutorService releases =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("swtdx-releases").factory());

  LentFiles() throws IOException {}

  /** The file behind a descriptor of a task; null when it is none of ours. */
  @Nullable LentFile find(int tid, int fd) {
    FileId id = FileId.ofDescriptor(tid, fd);
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
    Runnable unwatch = watch.watch(node, () -> gone(file));
    files.put(node.id(), file);
    file.owner().opened();
    int fd = call.listener().addDescriptor(call.id(), node.forProgram(), closeOnExec);
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
        Messages.warn("a file was closed after the end of the run");
      }
    }
  }

  private void release(LentFile file) {
    file.file().release();
    file.node().close();
    file.owner().closed();
    files.remove(file.node().id());
  }

  /** Waits until what was closed has been given back; whether nothing is left. */
  boolean awaitEmpty() throws InterruptedException {
    for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
        !files.isEmpty() && System.nanoTime() < end; ) {
      Thread.sleep(1);
    }
    releases.shutdown();
    return releases.awaitTermination(END_SECONDS, TimeUnit.SECONDS) && files.isEmpty();
  }

  @Override
  public void close() {
    releases.shutdown();
    watch.close();
  }
}
