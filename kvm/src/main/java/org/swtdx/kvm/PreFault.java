package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EBUSY;
import static org.swtdx.kvm.uapi.Errno.EINTR;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import java.util.function.LongToIntFunction;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.memory.Hpa;

/** KVM_PRE_FAULT_MEMORY: page after page, with the rest told to user space. */
final class PreFault {
  private PreFault() {}

  /**
   * Maps a range.
   *
   * @param page maps the page of an address: a negative result is an error, -EBUSY is tried again
   * @return 0 if any page was mapped, else an error
   */
  static int run(KvmPreFaultMemory range, Vcpu vcpu, LongToIntFunction page) {
    long mask = Hpa.PAGE_SIZE - 1;
    if (range.flags() != 0
        || ((range.gpa() | range.size()) & mask) != 0
        || Long.compareUnsigned(range.gpa() + range.size(), range.gpa()) <= 0) {
      return -EINVAL;
    }
    boolean any = false;
    while (range.size() != 0) {
      int result = vcpu.signalPending() ? -EINTR : page.applyAsInt(range.gpa());
      if (result == -EBUSY) {
        continue;
      }
      if (result < 0) {
        return any ? 0 : result;
      }
      any = true;
      range.gpa(range.gpa() + Hpa.PAGE_SIZE).size(range.size() - Hpa.PAGE_SIZE);
    }
    return 0;
  }
}
