package org.swtdx.exec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.swtdx.kvm.uapi.KvmExit;

/**
 * Says what to do when the firmware of a TD accepts the addresses of a VGA card. QEMU adds the card
 * unless told otherwise, names the addresses as RAM all the same, and then only reports what it
 * cannot convert.
 */
final class VgaAdvice {
  private static final long VGA_START = 0xa0000;
  private static final long VGA_END = 0xc0000;
  private static final long FLAGS = 0;
  private static final long GPA = 8;

  private VgaAdvice() {}

  /**
   * Looks at a KVM_RUN that failed.
   *
   * @param reason its exit reason
   * @param data what {@code kvm_run} has for it
   */
  static void forFailedRun(int reason, byte[] data) {
    if (reason != KvmExit.MEMORY_FAULT) {
      return;
    }
    MemorySegment fault = MemorySegment.ofArray(data);
    long flags = fault.get(ValueLayout.JAVA_LONG_UNALIGNED, FLAGS);
    long gpa = fault.get(ValueLayout.JAVA_LONG_UNALIGNED, GPA);
    if ((flags & KvmExit.MEMORY_FAULT_PRIVATE) != 0 && gpa >= VGA_START && gpa < VGA_END) {
      Messages.warn(
          "a TD accepts memory at %#x, where the program has no memory but perhaps a VGA card:"
                  .formatted(gpa)
              + " QEMU needs -vga none (or -nodefaults) for a TD");
    }
  }
}
