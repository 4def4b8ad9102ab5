package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EBADF;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A user-space process: one address space and one file-descriptor table. Descriptors are small
 * non-negative numbers as the kernel gives them out; a structure that names a file holds one.
 */
public final class VmmProcess {
  private static final int FIRST_FD = 3;

  private final KvmHost host;
  private final UserMemory memory;
  private final List<@Nullable Object> files = new ArrayList<>();

  VmmProcess(KvmHost host) {
    this.host = host;
    memory = new UserMemory(host.platform().memory());
  }

  /** The process's address space. */
  public UserMemory memory() {
    return memory;
  }

  /** Opens /dev/kvm. */
  public Kvm openKvm() {
    synchronized (files) {
      int fd = freeFd();
      Kvm kvm = new Kvm(host, this, fd);
      install(fd, kvm);
      return kvm;
    }
  }

  private int freeFd() {
    int index = files.indexOf(null);
    return FIRST_FD + (index < 0 ? files.size() : index);
  }

  private void install(int fd, Object file) {
    int index = fd - FIRST_FD;
    if (index == files.size()) {
      files.add(file);
    } else {
      files.set(index, file);
    }
  }

  int installVm(Vm vm) {
    synchronized (files) {
      int fd = freeFd();
      install(fd, new KvmVm(vm, fd));
      return fd;
    }
  }

  int installVcpu(Vcpu vcpu) {
    synchronized (files) {
      int fd = freeFd();
      install(fd, new KvmVcpu(vcpu, fd));
      return fd;
    }
  }

  int installGuestMemfd(Vm vm, long size) {
    synchronized (files) {
      int fd = freeFd();
      install(fd, new GuestMemfd(vm, fd, size));
      return fd;
    }
  }

  private @Nullable Object file(int fd) {
    synchronized (files) {
      int index = fd - FIRST_FD;
      return index >= 0 && index < files.size() ? files.get(index) : null;
    }
  }

  boolean isOpen(int fd) {
    return file(fd) != null;
  }

  /** The VM behind a descriptor, if it is one. */
  public Optional<KvmVm> vm(int fd) {
    return file(fd) instanceof KvmVm vm ? Optional.of(vm) : Optional.empty();
  }

  /** The vCPU behind a descriptor, if it is one. */
  public Optional<KvmVcpu> vcpu(int fd) {
    return file(fd) instanceof KvmVcpu vcpu ? Optional.of(vcpu) : Optional.empty();
  }

  /** The guest_memfd behind a descriptor, if it is one. */
  public Optional<GuestMemfd> guestMemfd(int fd) {
    return file(fd) instanceof GuestMemfd file ? Optional.of(file) : Optional.empty();
  }

  /** close(2): 0 or -EBADF. A VM ends when its last descriptor (VM, vCPUs, guest_memfds) goes. */
  public int close(int fd) {
    Object file;
    synchronized (files) {
      file = file(fd);
      if (file == null) {
        return -EBADF;
      }
      files.set(fd - FIRST_FD, null);
    }
    switch (file) {
      case KvmVm vm -> vm.vm().release(true);
      case KvmVcpu vcpu -> vcpu.vcpu().vm().release(true);
      case GuestMemfd memfd -> memfd.vm().closeFile(memfd);
      default -> {
        // /dev/kvm holds nothing.
      }
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
      Object file = file(fd);
      if (file != null && file instanceof GuestMemfd == privateFiles) {
        close(fd);
      }
    }
  }
}
