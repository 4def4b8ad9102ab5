package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.swtdx.kvm.uapi.KvmMsrFilter;

/** Which MSRs a guest may access: KVM_X86_SET_MSR_FILTER. Immutable. */
final class MsrFilter {
  private static final int MAX_BITMAP_BYTES = 0x600;
  private static final int X2APIC_FIRST = 0x800;
  private static final int X2APIC_LAST = 0x8ff;

  private final boolean allowedByDefault;
  private final List<Range> ranges;

  private record Range(int flags, int base, int count, BitSet bitmap) {
    /** A range that would go beyond the last MSR covers none. */
    boolean covers(int msr, int access) {
      return Integer.compareUnsigned(msr, base) >= 0
          && Integer.compareUnsigned(msr, base + count) < 0
          && (flags & access) != 0;
    }

    boolean allows(int msr) {
      return bitmap.get(msr - base);
    }
  }

  private MsrFilter(boolean allowedByDefault, List<Range> ranges) {
    this.allowedByDefault = allowedByDefault;
    this.ranges = List.copyOf(ranges);
  }

  /** Whether an access is allowed; the x2APIC's registers always are. */
  boolean allows(int msr, boolean write) {
    if (msr >= X2APIC_FIRST && msr <= X2APIC_LAST) {
      return true;
    }
    int access = write ? KvmMsrFilter.WRITE : KvmMsrFilter.READ;
    for (Range range : ranges) {
      if (range.covers(msr, access)) {
        return range.allows(msr);
      }
    }
    return allowedByDefault;
  }

  /** KVM_X86_SET_MSR_FILTER: puts a new filter into {@code options}. */
  static int set(VmOptions options, KvmMsrFilter request, Argument arg) {
    boolean deny = (request.flags() & KvmMsrFilter.DEFAULT_DENY) != 0;
    boolean empty = true;
    for (int i = 0; i < KvmMsrFilter.RANGES; i++) {
      empty &= request.nmsrs(i) == 0;
    }
    if ((request.flags() & ~KvmMsrFilter.DEFAULT_DENY) != 0 || empty && deny) {
      return -EINVAL;
    }
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < KvmMsrFilter.RANGES; i++) {
      int result = request.nmsrs(i) == 0 ? 0 : addRange(request, i, arg, ranges);
      if (result != 0) {
        return result;
      }
    }
    options.msrFilter = new MsrFilter(!deny, ranges);
    return 0;
  }

  private static int addRange(KvmMsrFilter request, int i, Argument arg, List<Range> ranges) {
    int flags = request.rangeFlags(i);
    long bytes = (Integer.toUnsignedLong(request.nmsrs(i)) + 63) / 64 * 8;
    if (flags == 0
        || (flags & ~(KvmMsrFilter.READ | KvmMsrFilter.WRITE)) != 0
        || bytes > MAX_BITMAP_BYTES) {
      return -EINVAL;
    }
    byte[] bitmap = new byte[(int) bytes];
    if (!arg.at(request.bitmap(i)).load(bitmap)) {
      return -EFAULT;
    }
    ranges.add(new Range(flags, request.base(i), request.nmsrs(i), BitSet.valueOf(bitmap)));
    return 0;
  }
}
