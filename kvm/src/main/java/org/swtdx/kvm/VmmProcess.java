package org.swtdx.kvm;

import java.util.Optional;

/**
 * A user-space process: one address space and one file-descriptor table. Descriptors are small
 * non-negative numbers as the kernel gives them out; a structure that names a file holds one.
 */
public final class VmmProcess {
  /** The process's address space. */
  public UserMemory memory() {
    throw new UnsupportedOperationException();
  }

  /** Opens /dev/kvm. */
  public Kvm openKvm() {
    throw new UnsupportedOperationException();
  }

  /** The VM behind a descriptor, if it is one. */
  public Optional<KvmVm> vm(int fd) {
    throw new UnsupportedOperationException();
  }

  /** The vCPU behind a descriptor, if it is one. */
  public Optional<KvmVcpu> vcpu(int fd) {
    throw new UnsupportedOperationException();
  }

  /** The guest_memfd behind a descriptor, if it is one. */
  public Optional<GuestMemfd> guestMemfd(int fd) {
    throw new UnsupportedOperationException();
  }

  /**
   * close(2): 0 or -EBADF. A VM ends when its last descriptor (VM, vCPUs, guest_memfds) is closed.
   */
  public int close(int fd) {
    throw new UnsupportedOperationException();
  }

  /** Ends the process: closes all its files and frees its memory. */
  public void exit() {
    throw new UnsupportedOperationException();
  }
}
