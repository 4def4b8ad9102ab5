package org.swtdx.kvm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.swtdx.kvm.uapi.KvmXsave;

/**
 * What user space sees of a standard-form XSAVE image, and gives: KVM_GET_XSAVE and KVM_SET_XSAVE
 * go by the components a guest can have, never by those that XCR0 has on.
 */
final class XsaveImage {
  /** x87 and SSE, which every guest has. */
  static final long LEGACY = 3;

  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Where this processor has PKRU. */
  static final int PKRU_AT = 2688;

  private static final long SSE = 1 << 1, AVX = 1 << 2, PKRU = 1 << 9;
  private static final long MXCSR = 24, SOFTWARE = 464, HEADER = 512, EXTENDED = 576;
  private static final long AVX_BYTES = 256, PKRU_BYTES = 8;
  private static final long MXCSR_RESERVED = 0xffff_0000L;
  private static final int MXCSR_INITIAL = 0x1f80;

  private XsaveImage() {}

  /**
   * Makes the image of the registers what a guest with {@code components} has: others are not in
   * use. The first of the bytes that are software's says which ones the host has.
   */
  static void limit(KvmXsave image, long components, long host) {
    MemorySegment bytes = image.segment();
    long used = bytes.get(U64, HEADER) & components;
    bytes.set(U64, HEADER, used);
    bytes.set(U64, SOFTWARE, host);
    if ((used & AVX) == 0) {
      bytes.asSlice(EXTENDED, AVX_BYTES).fill((byte) 0);
    }
    if ((used & PKRU) == 0) {
      bytes.asSlice(PKRU_AT, PKRU_BYTES).fill((byte) 0);
    }
  }

  /** Moves PKRU of a limited image to where user space looks for it, or takes it away. */
  static void toUserSpace(KvmXsave image, int place) {
    MemorySegment bytes = image.segment();
    if (place == 0) {
      bytes.set(U64, HEADER, bytes.get(U64, HEADER) & ~PKRU);
    } else if (place != PKRU_AT) {
      MemorySegment.copy(bytes, PKRU_AT, bytes, place, PKRU_BYTES);
    }
    if (place != PKRU_AT) {
      bytes.asSlice(PKRU_AT, PKRU_BYTES).fill((byte) 0);
    }
  }

  /** Takes PKRU of a valid image from where user space has put it, if it knows of it. */
  static void fromUserSpace(KvmXsave image, int place) {
    MemorySegment bytes = image.segment();
    if (place == 0) {
      bytes.set(U64, HEADER, bytes.get(U64, HEADER) & ~PKRU);
    } else if (place != PKRU_AT) {
      MemorySegment.copy(bytes, place, bytes, PKRU_AT, PKRU_BYTES);
    }
  }

  /** Whether an image can be loaded on a host that has the components {@code host}. */
  static boolean valid(KvmXsave image, long host) {
    MemorySegment bytes = image.segment();
    long used = bytes.get(U64, HEADER);
    boolean reserved = false;
    for (long at = HEADER + Long.BYTES; at < EXTENDED; at += Long.BYTES) {
      reserved |= bytes.get(U64, at) != 0;
    }
    boolean mxcsr = (used & (LEGACY | AVX)) == 0 || (bytes.get(U32, MXCSR) & MXCSR_RESERVED) == 0;
    return (used & ~host) == 0 && !reserved && mxcsr;
  }

  /**
   * Completes a valid image with what stays: PKRU, unless the image has it. MXCSR becomes initial
   * together with the XMM registers.
   */
  static void complete(KvmXsave image, KvmXsave now) {
    MemorySegment bytes = image.segment();
    long used = bytes.get(U64, HEADER);
    if ((used & SSE) == 0) {
      bytes.set(U32, MXCSR, MXCSR_INITIAL);
    }
    if ((used & PKRU) == 0) {
      MemorySegment.copy(now.segment(), PKRU_AT, bytes, PKRU_AT, PKRU_BYTES);
      bytes.set(U64, HEADER, used | PKRU);
    }
  }
}
