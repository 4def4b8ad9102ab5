package org.swtdx.exec;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.FileId;
import org.swtdx.exec.linux.NamelessFile;
import org.swtdx.exec.linux.NamelessFile.Access;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.kvm.EventFd;
import org.swtdx.kvm.GuestMemfdFile;
import org.swtdx.kvm.HostShare;
import org.swtdx.kvm.KvmFile;
import org.swtdx.kvm.StatsFile;
import org.swtdx.kvm.UserProcess;
import org.swtdx.kvm.VcpuFile;
import org.swtdx.memory.PhysicalMemory;

/**
 * A native process that uses KVM. It is the same object for as long as the process lives: a VM
 * knows whose it is by it.
 */
final class LentProcess implements UserProcess {
  /** What the vCPU that this thread is making will be mapped to. */
  private static final ThreadLocal<@Nullable Pages> PAGES_TO_BE = new ThreadLocal<>();

  private static final Path EVENTFD = Path.of("anon_inode:[eventfd]");

  private record Pages(NamelessFile node, MemorySegment mapping) {}

  private final int pid;
  private final HostShare share;
  private final LentFiles files;
  private final EventPoller poller;
  private final LentMemory memory;
  private final Map<String, LentEventFd> eventFds = new ConcurrentHashMap<>();
  private final List<MemorySegment> mappings = new ArrayList<>();
  private int openFiles;

  LentProcess(
      int pid,
      HostShare share,
      LentFiles files,
      EventPoller poller,
      PhysicalMemory physical,
      IntConsumer letStop) {
    this.pid = pid;
    this.share = share;
    this.files = files;
    this.poller = poller;
    memory = new LentMemory(pid, physical, letStop);
  }

  int pid() {
    return pid;
  }

  @Override
  public LentMemory memory() {
    return memory;
  }

  @Override
  public HostShare share() {
    return share;
  }

  @Override
  public MemorySegment sharedPages(long bytes) {
    try {
      NamelessFile node = NamelessFile.create(bytes, Access.READ_WRITE);
      MemorySegment mapping = node.map();
      synchronized (mappings) {
        mappings.add(mapping);
      }
      PAGES_TO_BE.set(new Pages(node, mapping));
      return mapping;
    } catch (IOException e) {
      Messages.warn("no pages for a vCPU: %s".formatted(e.getMessage()));
      return MemorySegment.ofArray(new byte[(int) bytes]);
    }
  }

  @Override
  public int install(KvmFile file) {
    Call call = Objects.requireNonNull(Call.current(), "files come from calls");
    try {
      LentFile lent =
          switch (file) {
            case VcpuFile vcpu -> lendVcpu(vcpu);
            case GuestMemfdFile memfd ->
                lend(memfd, NamelessFile.create(memfd.size(), Access.NONE));
            case StatsFile stats -> lendStats(stats);
            default -> lend(file, NamelessFile.create(0, Access.NONE));
          };
      return files.give(call, lent, true);
    } catch (IOException e) {
      Messages.warn("no descriptor for process %d: %s".formatted(pid, e.getMessage()));
      return -Syscall.ENOMEM;
    }
  }

  private LentFile lend(KvmFile file, NamelessFile node) {
    return new LentFile(file, node, this, null);
  }

  private LentFile lendStats(StatsFile stats) throws IOException {
    NamelessFile node = NamelessFile.create(stats.size(), Access.READ);
    stats.keepUpToDate(node.mapUntilUnused());
    return lend(stats, node);
  }

  private LentFile lendVcpu(VcpuFile vcpu) throws IOException {
    Pages pages = PAGES_TO_BE.get();
    PAGES_TO_BE.remove();
    if (pages == null) {
      throw new IOException("kvm_run could not be made");
    }
    return new LentFile(vcpu, pages.node, this, new RunGate(vcpu, pages.mapping));
  }

  @Override
  public @Nullable KvmFile file(int fd) {
    LentFile lent = files.find(pid, fd);
    return lent == null ? null : lent.file();
  }

  @Override
  public boolean isOpen(int fd) {
    return FileId.ofDescriptor(pid, fd) != null;
  }

  @Override
  public @Nullable EventFd eventFd(int fd) {
    Path link = Path.of("/proc/" + pid + "/fd/" + fd);
    try {
      if (!Files.readSymbolicLink(link).equals(EVENTFD)) {
        return null;
      }
      String identity =
          Files.readAllLines(Path.of("/proc/" + pid + "/fdinfo/" + fd)).stream()
              .filter(line -> line.startsWith("eventfd-id:"))
              .findFirst()
              .orElse("process " + pid + " fd " + fd);
      return eventFds.computeIfAbsent(identity, id -> copyOf(fd, id));
    } catch (IOException e) {
      return null;
    }
  }

  private @Nullable LentEventFd copyOf(int fd, String identity) {
    long process = Syscall.call(Syscall.PIDFD_OPEN, pid, 0);
    if (process < 0) {
      return null;
    }
    long copy = Syscall.call(Syscall.PIDFD_GETFD, process, fd, 0);
    Syscall.call(Syscall.CLOSE, process);
    return copy < 0 ? null : new LentEventFd((int) copy, identity, poller);
  }

  /** Counts a file of this process. */
  synchronized void opened() {
    openFiles++;
  }

  /** Whether files of this process are open. */
  synchronized boolean holdsFiles() {
    return openFiles > 0;
  }

  /** Counts a file less; with the last one goes what the process had. */
  synchronized void closed() {
    if (--openFiles == 0) {
      release();
    }
  }

  private void release() {
    memory.release();
    eventFds.values().forEach(LentEventFd::close);
    eventFds.clear();
    synchronized (mappings) {
      mappings.forEach(NamelessFile::unmap);
      mappings.clear();
    }
  }
}
