package org.swtdx.kvm;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.KvmRun;

/**
 * A process that issues ioctls: its memory, and its descriptors, by which structures and results
 * name files. {@link VmmProcess} is one inside this JVM; another implementation stands for a native
 * process.
 */
public interface UserProcess {
  /** The process's memory. A VM can be used by processes with the memory it was created with. */
  AddressSpace memory();

  /**
   * Gives a new file a descriptor.
   *
   * @return the descriptor, or a negative error number; the file is then released by the caller
   */
  int install(KvmFile file);

  /** What it may take of the host, and has taken; asked once for each VM. */
  default HostShare share() {
    return HostShare.unbounded();
  }

  /** The file behind a descriptor; null when it is closed or no file of KVM's. */
  @Nullable KvmFile file(int fd);

  /** Whether a descriptor is open, whatever it is of. */
  boolean isOpen(int fd);

  /** The eventfd behind a descriptor; null when it is none. */
  @Nullable EventFd eventFd(int fd);

  /**
   * Zeroed memory that the process gets when it maps the vCPU's file that is about to be installed:
   * kvm_run at 0, the dirty ring at 0x40000. It stays valid until the file is released.
   */
  default MemorySegment sharedPages(long bytes) {
    return MemorySegment.ofArray(new byte[(int) bytes]);
  }

  /**
   * Where KVM has kvm_run and the data of port I/O: by default in the pages themselves. Whoever
   * gives other memory, of as many bytes, copies around each KVM_RUN, before and after which KVM
   * does not look at it.
   *
   * @param pages what {@link #sharedPages} gave
   */
  default MemorySegment runArea(MemorySegment pages) {
    return pages.asSlice(0, KvmRun.SIZE);
  }
}
