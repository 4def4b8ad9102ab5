package org.swtdx.vmm.kernel;

import org.swtdx.vmm.BootFile;
import org.swtdx.vmm.KernelBoot;
import org.swtdx.vmm.VmmException;

/** A kernel whose file was understood. */
public sealed interface KernelFormat permits LinuxKernel, MultibootKernel, PvhKernel {
  /** Where the descriptors of the entry state are in guest memory. */
  long GDT = 0x9580;

  /**
   * Recognises a kernel as QEMU does: Linux by its header, then multiboot, then PVH.
   *
   * @param boot the kernel and what it gets
   * @throws VmmException if it is none of them, or broken
   */
  static KernelFormat of(KernelBoot boot) throws VmmException {
    byte[] file = boot.kernel().bytes();
    if (LinuxKernel.matches(file)) {
      return LinuxKernel.of(boot, file);
    }
    int header = MultibootKernel.findHeader(file);
    if (header >= 0) {
      return MultibootKernel.of(boot, file, header);
    }
    if (ElfFile.matches(file)) {
      return PvhKernel.of(boot, file);
    }
    throw invalid(
        boot.kernel(),
        "neither a Linux bzImage nor a multiboot or PVH kernel; QEMU takes no other");
  }

  /** Lays the kernel out in memory. */
  BootImage place(MemoryMap memory) throws VmmException;

  /** An error in a file. */
  static VmmException invalid(BootFile file, String what) {
    return new VmmException(VmmException.Cause.INPUT, file.name() + ": " + what);
  }

  /** Refuses an image that reaches beyond RAM. */
  static void checkFits(KernelBoot boot, long start, long end, MemoryMap memory)
      throws VmmException {
    boolean low = start >= 0x1000 && end <= 0x9f000;
    boolean high = start >= 1 << 20 && end <= memory.usableEnd();
    if (!low && !high) {
      throw invalid(
          boot.kernel(),
          "needs memory from 0x%x to 0x%x, RAM is from 0x100000 to 0x%x; give it more with --memory"
              .formatted(start, end, memory.usableEnd()));
    }
  }
}
