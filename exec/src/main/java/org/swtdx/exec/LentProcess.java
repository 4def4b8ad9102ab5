package org.swtdx.exec;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.memory.PhysicalMemory;

/**
 * A native process that uses KVM. It is the same object for as long as the process lives: a VM
 * knows whose it is by it.
 */
final class LentProcess implements UserProcess {
  /** What the vCPU that this thread is making will be mapped to. */
  private static final ThreadLocal<@Nullable Pages> PAGES_TO_BE = new ThreadLocal<>();

  private record Pages(NamelessFile node, MemorySegment mapping) {}

  private final int pid;
  private final HostShare share;
  private final LentFiles files;
  private final LentMemory memory;
  private final LentEventFds eventFds;
  private final List<MemorySegment> mappings = new ArrayList<>();
  private int openFiles;

  LentProcess(
      int pid,
      HostShare share,
      LentFiles files,
      Descriptors descriptors,
      EventPoller poller,
      PhysicalMemory physical,
      IntConsumer letStop) {
    this.pid = pid;
    this.share = share;
    this.files = files;
    eventFds = new LentEventFds(poller, descriptors);
    memory = new LentMemory(pid, physical, descriptors, letStop);
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

  /** Memory of ours: what is in the program's own pages passes at the {@link RunGate}. */
  @Override
  public MemorySegment runArea(MemorySegment pages) {
    return MemorySegment.ofArray(new byte[KvmRun.SIZE]);
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
    RunPages run = new RunPages(vcpu.runArea(), pages.mapping);
    return new LentFile(vcpu, pages.node, this, new RunGate(vcpu, run));
  }

  @Override
  public @Nullable KvmFile file(int fd) {
    LentFile lent = files.find(Call.taskOf(pid), fd);
    return lent == null ? null : lent.file();
  }

  @Override
  public boolean isOpen(int fd) {
    return FileId.ofDescriptor(Call.taskOf(pid), fd) != null;
  }

  @Override
  public @Nullable EventFd eventFd(int fd) {
    return eventFds.of(pid, Call.taskOf(pid), fd);
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
    eventFds.close();
    synchronized (mappings) {
      mappings.forEach(NamelessFile::unmap);
      mappings.clear();
    }
  }
}
