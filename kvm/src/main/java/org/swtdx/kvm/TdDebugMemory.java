package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EBUSY;
import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;

import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.kvm.uapi.KvmDebugMemory;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.FieldReply;
import org.swtdx.seamcall.TdxStatus;

/**
 * Reads and writes guest memory of a debuggable TD, which Linux does not do ({@link
 * KvmExtension#DEBUG_TD}): private pages by TDH.MEM.RD and TDH.MEM.WR, eight bytes at a time,
 * shared ones where user space has them. vCPUs may run meanwhile.
 */
final class TdDebugMemory {
  private static final int WORD = Long.BYTES;
  private static final int BUSY_RETRIES = 1000;

  private final TdxVm vm;

  TdDebugMemory(TdxVm vm) {
    this.vm = vm;
  }

  /**
   * Copies between guest and user memory. The request is advanced by what was copied.
   *
   * @param write whether to write the guest's memory
   * @return 0; -EINVAL if the TD cannot be debugged or the range makes no sense; -EFAULT where
   *     there is no page, one that the guest has not accepted, or no user memory
   */
  int copy(KvmDebugMemory request, boolean write) {
    if (!vm.debuggable()
        || request.gpa() < 0
        || request.len() <= 0
        || request.gpa() + request.len() < request.gpa()
        || request.gpa() + request.len() > vm.sharedBit()) {
      return -EINVAL;
    }
    vm.slotsLock.lock();
    try {
      int result = vm.dead() ? -EIO : 0;
      byte[] page = new byte[Hpa.PAGE_SIZE];
      while (result == 0 && request.len() > 0) {
        int offset = (int) request.gpa() & Hpa.PAGE_SIZE - 1;
        int length = (int) Math.min(request.len(), Hpa.PAGE_SIZE - offset);
        result = copyPart(request, page, length, write);
        if (result == 0) {
          request.gpa(request.gpa() + length).uaddr(request.uaddr() + length);
          request.len(request.len() - length);
        }
      }
      return result;
    } finally {
      vm.slotsLock.unlock();
    }
  }

  /** Copies what is in one page. */
  private int copyPart(KvmDebugMemory request, byte[] page, int length, boolean write) {
    AddressSpace user = vm.memory();
    if (write && !user.read(request.uaddr(), page, 0, length)) {
      return -EFAULT;
    }
    int result =
        vm.attributes.isPrivate(request.gpa() >>> 12)
            ? vm.host().cpus().onAny(lp -> copyPrivate(lp, request.gpa(), page, length, write))
            : copyShared(request.gpa(), page, length, write);
    if (result == 0 && !write && !user.write(request.uaddr(), page, 0, length)) {
      return -EFAULT;
    }
    return result;
  }

  private int copyShared(long gpa, byte[] page, int length, boolean write) {
    MemSlot slot = vm.slots().find(gpa >>> 12);
    if (slot == null) {
      return -EFAULT;
    }
    long uaddr = slot.uaddrOf(gpa >>> 12) + (gpa & Hpa.PAGE_SIZE - 1);
    AddressSpace user = vm.memory();
    boolean done = write ? user.write(uaddr, page, 0, length) : user.read(uaddr, page, 0, length);
    return done ? 0 : -EFAULT;
  }

  private int copyPrivate(LogicalProcessor lp, long gpa, byte[] page, int length, boolean write) {
    for (int done = 0; done < length; ) {
      long at = gpa + done;
      int shift = (int) at & WORD - 1;
      int bytes = Math.min(WORD - shift, length - done);
      int result = copyWord(lp, at - shift, shift, page, done, bytes, write);
      if (result != 0) {
        return result;
      }
      done += bytes;
    }
    return 0;
  }

  private int copyWord(
      LogicalProcessor lp, long gpa, int shift, byte[] page, int at, int bytes, boolean write) {
    long value = 0;
    if (!write || bytes < WORD) {
      FieldReply reply = repeated(() -> vm.tdx().mem().read(lp, vm.td(), gpa));
      if (!reply.status().isSuccess()) {
        return error(reply.status());
      }
      value = reply.value();
    }
    for (int i = 0; i < bytes; i++) {
      int position = 8 * (shift + i);
      if (write) {
        value = value & ~(0xffL << position) | (page[at + i] & 0xffL) << position;
      } else {
        page[at + i] = (byte) (value >>> position);
      }
    }
    if (!write) {
      return 0;
    }
    long result = value;
    return error(repeated(() -> vm.tdx().mem().write(lp, vm.td(), gpa, result)).status());
  }

  /** A leaf that a guest's TDCALL or another host thread can keep busy for a moment. */
  private static FieldReply repeated(java.util.function.Supplier<FieldReply> call) {
    FieldReply reply = call.get();
    for (int i = 0; i < BUSY_RETRIES && reply.status().isBusy(); i++) {
      Thread.onSpinWait();
      reply = call.get();
    }
    return reply;
  }

  private static int error(TdxStatus status) {
    if (status.isSuccess()) {
      return 0;
    }
    return status.isBusy() ? -EBUSY : -EFAULT;
  }

  /** Up to eight bytes of guest memory within a word; 0 where there is none. */
  long load(LogicalProcessor lp, long gpa, int size) {
    byte[] bytes = new byte[size];
    int result =
        vm.attributes.isPrivate(gpa >>> 12)
            ? copyPrivate(lp, gpa, bytes, size, false)
            : copyShared(gpa, bytes, size, false);
    long value = 0;
    for (int i = size - 1; result == 0 && i >= 0; i--) {
      value = value << 8 | bytes[i] & 0xff;
    }
    return value;
  }
}
