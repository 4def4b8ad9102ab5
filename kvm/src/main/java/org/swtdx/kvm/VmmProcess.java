package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EBADF;
import static org.swtdx.kvm.uapi.Errno.EMFILE;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A user-space process inside this JVM: one address space and one file-descriptor table.
 * Descriptors are small non-negative numbers as the kernel gives them out; a structure that names a
 * file holds one.
 */
public final class VmmProcess implements UserProcess {
  private static final int FIRST_FD = 3;
  private static final int LIMIT = 1 << 20;

  private final KvmHost host;
  private final UserMemory memory;
  private final List<@Nullable Object> files = new ArrayList<>();

  VmmProcess(KvmHost host) {
    this.host = host;
    memory = new UserMemory(host.platform().memory());
  }

  /** The process's address space. */
  @Override
  public UserMemory memory() {
    return memory;
  }

  /** Opens /dev/kvm. */
  public Kvm openKvm() {
    KvmFile file = host.open();
    return new Kvm(new ClientFile(this, file, install(file)));
  }

  @Override
  public int install(KvmFile file) {
    return installAny(file);
  }

  /** eventfd(2): the descriptor of a new eventfd. */
  public int eventfd() {
    return installAny(new EventCounter());
  }

  private int installAny(Object file) {
    synchronized (files) {
      int index = files.indexOf(null);
      if (index >= 0) {
        files.set(index, file);
        return FIRST_FD + index;
      }
      if (files.size() == LIMIT) {
        return -EMFILE;
      }
      files.add(file);
      return FIRST_FD + files.size() - 1;
    }
  }

  private @Nullable Object any(int fd) {
    synchronized (files) {
      int index = fd - FIRST_FD;
      return index >= 0 && index < files.size() ? files.get(index) : null;
    }
  }

  @Override
  public @Nullable KvmFile file(int fd) {
    return any(fd) instanceof KvmFile file ? file : null;
  }

  @Override
  public @Nullable EventFd eventFd(int fd) {
    return any(fd) instanceof EventFd event ? event : null;
  }

  @Override
  public boolean isOpen(int fd) {
    return any(fd) != null;
  }

  /** ioctl(2) on a descriptor: what {@link KvmFile#ioctl} gives, or -EBADF. */
  public int ioctl(int fd, int number, long argument) {
    KvmFile file = file(fd);
    return file == null ? -EBADF : file.ioctl(this, number, argument);
  }

  /** The VM behind a descriptor, if it is one. */
  public Optional<KvmVm> vm(int fd) {
    return file(fd) instanceof VmFile file
        ? Optional.of(new KvmVm(new ClientFile(this, file, fd)))
        : Optional.empty();
  }

  /** The vCPU behind a descriptor, if it is one. */
  public Optional<KvmVcpu> vcpu(int fd) {
    return file(fd) instanceof VcpuFile file
        ? Optional.of(new KvmVcpu(new ClientFile(this, file, fd)))
        : Optional.empty();
  }

  /** The guest_memfd behind a descriptor, if it is one. */
  public Optional<GuestMemfd> guestMemfd(int fd) {
    return file(fd) instanceof GuestMemfdFile file
        ? Optional.of(new GuestMemfd(file, fd))
        : Optional.empty();
  }

  /** The eventfd behind a descriptor, if it is one. */
  public Optional<EventCounter> eventCounter(int fd) {
    return any(fd) instanceof EventCounter counter ? Optional.of(counter) : Optional.empty();
  }

  /** close(2): 0 or -EBADF. A VM ends when its last descriptor (VM, vCPUs, guest_memfds) goes. */
  public int close(int fd) {
    Object file;
    synchronized (files) {
      file = any(fd);
      if (file == null) {
        return -EBADF;
      }
      files.set(fd - FIRST_FD, null);
    }
    if (file instanceof KvmFile kvm) {
      kvm.release();
    }
    return 0;
  }

  /**
   * Ends the process: closes all its files and frees its memory. No thread may be inside an ioctl.
   */
  public void exit() {
    closeAll(false);
    closeAll(true);
    memory.clear();
  }

  /** Private files go last: when nothing can run any more their pages need no removal each. */
  private void closeAll(boolean privateFiles) {
    int count;
    synchronized (files) {
      count = files.size();
    }
    for (int fd = FIRST_FD; fd < FIRST_FD + count; fd++) {
      Object file = any(fd);
      if (file != null && file instanceof GuestMemfdFile == privateFiles) {
        close(fd);
      }
    }
  }
}
