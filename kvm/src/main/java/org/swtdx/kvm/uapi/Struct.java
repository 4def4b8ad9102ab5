package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A structure of the KVM user ABI laid over memory. Subclasses name the fields; their offsets are
 * those of the kernel's exported headers. The memory may be an array of this process or a mapping
 * shared with another one.
 */
public abstract sealed class Struct
    permits KvmClearDirtyLog,
        KvmClockData,
        KvmCoalescedMmioZone,
        KvmCpuid,
        KvmCpuid2,
        KvmCreateDevice,
        KvmCreateGuestMemfd,
        KvmDebugExit,
        KvmDebugMemory,
        KvmDebugRegs,
        KvmDeviceAttr,
        KvmDirtyLog,
        KvmEnableCap,
        KvmEncRegion,
        KvmFpu,
        KvmGuestDebug,
        KvmInterrupt,
        KvmIoeventfd,
        KvmIrqLevel,
        KvmIrqRouting,
        KvmIrqchip,
        KvmIrqfd,
        KvmLapicState,
        KvmMemoryAttributes,
        KvmMpState,
        KvmMsi,
        KvmMsrFilter,
        KvmMsrList,
        KvmMsrs,
        KvmOneReg,
        KvmPitConfig,
        KvmPitState2,
        KvmPreFaultMemory,
        KvmRegs,
        KvmReinjectControl,
        KvmRun,
        KvmSignalMask,
        KvmSregs,
        KvmSregs2,
        KvmTdxCapabilities,
        KvmTdxCmd,
        KvmTdxInitMemRegion,
        KvmTdxInitVm,
        KvmTprAccessCtl,
        KvmTranslation,
        KvmUserspaceMemoryRegion,
        KvmUserspaceMemoryRegion2,
        KvmVapicAddr,
        KvmVcpuEvents,
        KvmX86Mce,
        KvmXcrs,
        KvmXsave {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment segment;

  Struct(MemorySegment segment, long size) {
    if (segment.byteSize() < size) {
      throw new IllegalArgumentException(
          getClass().getSimpleName() + " needs " + size + " bytes, not " + segment.byteSize());
    }
    this.segment = segment;
  }

  /** The memory that the structure is laid over. */
  public final MemorySegment segment() {
    return segment;
  }

  final int u8(long offset) {
    return segment.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
  }

  final int u16(long offset) {
    return segment.get(U16, offset) & 0xffff;
  }

  final int u32(long offset) {
    return segment.get(U32, offset);
  }

  final long u64(long offset) {
    return segment.get(U64, offset);
  }

  final void putU8(long offset, int value) {
    segment.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
  }

  final void putU16(long offset, int value) {
    segment.set(U16, offset, (short) value);
  }

  final void putU32(long offset, int value) {
    segment.set(U32, offset, value);
  }

  final void putU64(long offset, long value) {
    segment.set(U64, offset, value);
  }
}
