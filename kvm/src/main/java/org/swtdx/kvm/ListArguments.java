package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.E2BIG;
import static org.swtdx.kvm.uapi.Errno.EFAULT;

import java.util.function.ToIntFunction;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmMsrList;
import org.swtdx.kvm.uapi.KvmMsrs;

/** Arguments whose length is in the structure itself. */
final class ListArguments {
  /** {@code KVM_MAX_CPUID_ENTRIES}. */
  static final int MAX_CPUID_ENTRIES = 256;

  private static final int MAX_IO_MSRS = 256;

  private ListArguments() {}

  /** A CPUID list that user space gives: -E2BIG beyond 256 entries. */
  static int cpuidIn(Argument arg, ToIntFunction<KvmCpuid2> action) {
    KvmCpuid2 header = new KvmCpuid2(0);
    if (!arg.load(header)) {
      return -EFAULT;
    }
    if (Integer.compareUnsigned(header.nent(), MAX_CPUID_ENTRIES) > 0) {
      return -E2BIG;
    }
    return arg.in(new KvmCpuid2(header.nent()), action);
  }

  /**
   * A CPUID list that KVM gives.
   *
   * @param tellSize whether a list too short learns the right length
   */
  static int cpuidOut(Argument arg, KvmCpuid2 entries, boolean tellSize) {
    KvmCpuid2 header = new KvmCpuid2(0);
    if (!arg.load(header)) {
      return -EFAULT;
    }
    if (Integer.compareUnsigned(header.nent(), entries.nent()) < 0) {
      header.nent(entries.nent());
      return tellSize && !arg.store(header) ? -EFAULT : -E2BIG;
    }
    entries.padding(header.padding());
    return arg.store(entries) ? 0 : -EFAULT;
  }

  /** MSR indices and values; returns how many {@code action} handled. */
  static int msrs(Argument arg, boolean writeBack, ToIntFunction<KvmMsrs> action) {
    KvmMsrs header = new KvmMsrs(0);
    if (!arg.load(header)) {
      return -EFAULT;
    }
    if (Integer.compareUnsigned(header.nmsrs(), MAX_IO_MSRS) >= 0) {
      return -E2BIG;
    }
    KvmMsrs list = new KvmMsrs(header.nmsrs());
    if (!arg.load(list)) {
      return -EFAULT;
    }
    int count = action.applyAsInt(list);
    return writeBack && !arg.store(list) ? -EFAULT : count;
  }

  /** A list of MSR indices; the number is told even when there is too little room. */
  static int msrIndices(Argument arg, int[] indices) {
    KvmMsrList list = new KvmMsrList(0);
    if (!arg.load(list)) {
      return -EFAULT;
    }
    int room = list.nmsrs();
    if (!arg.store(list.nmsrs(indices.length))) {
      return -EFAULT;
    }
    if (Integer.compareUnsigned(room, indices.length) < 0) {
      return -E2BIG;
    }
    KvmMsrList full = new KvmMsrList(indices.length);
    for (int i = 0; i < indices.length; i++) {
      full.indices(i, indices[i]);
    }
    return arg.store(full) ? 0 : -EFAULT;
  }
}
