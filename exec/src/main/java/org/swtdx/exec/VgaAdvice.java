package org.swtdx.exec;

import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmRun;

/**
 * Says what to do when the firmware of a TD accepts the addresses of a VGA card. QEMU adds the card
 * unless told otherwise, names the addresses as RAM all the same, and then only reports what it
 * cannot convert.
 */
final class VgaAdvice {
  private static final long VGA_START = 0xa0000;
  private static final long VGA_END = 0xc0000;

  private VgaAdvice() {}

  /**
   * Looks at a KVM_RUN that failed.
   *
   * @param run what it exited with
   */
  static void forFailedRun(KvmRun run) {
    if (run.exitReason() != KvmExit.MEMORY_FAULT) {
      return;
    }
    long flags = run.memoryFaultFlags();
    long gpa = run.memoryFaultGpa();
    if ((flags & KvmExit.MEMORY_FAULT_PRIVATE) != 0 && gpa >= VGA_START && gpa < VGA_END) {
      Messages.warn(
          "a TD accepts memory at %#x, where the program has no memory but perhaps a VGA card:"
                  .formatted(gpa)
              + " QEMU needs -vga none (or -nodefaults) for a TD");
    }
  }
}
