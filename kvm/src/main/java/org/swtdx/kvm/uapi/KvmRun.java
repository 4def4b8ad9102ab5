package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/**
 * What a vCPU fd maps: {@code struct kvm_run} in the first page, the port I/O data in the second,
 * the coalesced-I/O ring in the third. The exit-specific accessors overlay one union.
 */
public final class KvmRun extends Struct {
  /** {@code sizeof(struct kvm_run)} in bytes. */
  public static final int SIZE = 12288;

  /** Creates a zeroed structure. */
  public KvmRun() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmRun(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Ask for an exit as soon as an interrupt could be injected. */
  public int requestInterruptWindow() {
    return u8(0);
  }

  /** Sets {@link #requestInterruptWindow()}. */
  public KvmRun requestInterruptWindow(int value) {
    putU8(0, value);
    return this;
  }

  /** When set, KVM_RUN returns -EINTR before entering the guest. */
  public int immediateExit() {
    return u8(1);
  }

  /** Sets {@link #immediateExit()}. */
  public KvmRun immediateExit(int value) {
    putU8(1, value);
    return this;
  }

  /** Why KVM_RUN returned 0, a constant of {@link KvmExit}. */
  public int exitReason() {
    return u32(8);
  }

  /** Sets {@link #exitReason()}. */
  public KvmRun exitReason(int value) {
    putU32(8, value);
    return this;
  }

  /** Whether an interrupt could be injected. */
  public int readyForInterruptInjection() {
    return u8(12);
  }

  /** Sets {@link #readyForInterruptInjection()}. */
  public KvmRun readyForInterruptInjection(int value) {
    putU8(12, value);
    return this;
  }

  /** RFLAGS.IF of the guest. */
  public int ifFlag() {
    return u8(13);
  }

  /** Sets {@link #ifFlag()}. */
  public KvmRun ifFlag(int value) {
    putU8(13, value);
    return this;
  }

  /** {@code KVM_RUN_X86_*}. */
  public int flags() {
    return u16(14);
  }

  /** Sets {@link #flags()}. */
  public KvmRun flags(int value) {
    putU16(14, value);
    return this;
  }

  /** CR8. */
  public long cr8() {
    return u64(16);
  }

  /** Sets {@link #cr8()}. */
  public KvmRun cr8(long value) {
    putU64(16, value);
    return this;
  }

  /** IA32_APIC_BASE. */
  public long apicBase() {
    return u64(24);
  }

  /** Sets {@link #apicBase()}. */
  public KvmRun apicBase(long value) {
    putU64(24, value);
    return this;
  }

  /** KVM_EXIT_UNKNOWN and KVM_EXIT_FAIL_ENTRY: the hardware's reason. */
  public long hardwareExitReason() {
    return u64(32);
  }

  /** Sets {@link #hardwareExitReason()}. */
  public KvmRun hardwareExitReason(long value) {
    putU64(32, value);
    return this;
  }

  /** KVM_EXIT_FAIL_ENTRY: the processor it happened on. */
  public int failEntryCpu() {
    return u32(40);
  }

  /** Sets {@link #failEntryCpu()}. */
  public KvmRun failEntryCpu(int value) {
    putU32(40, value);
    return this;
  }

  /** KVM_EXIT_EXCEPTION: vector. */
  public int exception() {
    return u32(32);
  }

  /** Sets {@link #exception()}. */
  public KvmRun exception(int value) {
    putU32(32, value);
    return this;
  }

  /** KVM_EXIT_EXCEPTION: error code. */
  public int exceptionErrorCode() {
    return u32(36);
  }

  /** Sets {@link #exceptionErrorCode()}. */
  public KvmRun exceptionErrorCode(int value) {
    putU32(36, value);
    return this;
  }

  /** KVM_EXIT_IO: {@link #IO_IN} or {@link #IO_OUT}. */
  public int ioDirection() {
    return u8(32);
  }

  /** Sets {@link #ioDirection()}. */
  public KvmRun ioDirection(int value) {
    putU8(32, value);
    return this;
  }

  /** KVM_EXIT_IO: 1, 2 or 4 bytes. */
  public int ioSize() {
    return u8(33);
  }

  /** Sets {@link #ioSize()}. */
  public KvmRun ioSize(int value) {
    putU8(33, value);
    return this;
  }

  /** KVM_EXIT_IO: port. */
  public int ioPort() {
    return u16(34);
  }

  /** Sets {@link #ioPort()}. */
  public KvmRun ioPort(int value) {
    putU16(34, value);
    return this;
  }

  /** KVM_EXIT_IO: number of repetitions. */
  public int ioCount() {
    return u32(36);
  }

  /** Sets {@link #ioCount()}. */
  public KvmRun ioCount(int value) {
    putU32(36, value);
    return this;
  }

  /** KVM_EXIT_IO: where in this area the data is. */
  public long ioDataOffset() {
    return u64(40);
  }

  /** Sets {@link #ioDataOffset()}. */
  public KvmRun ioDataOffset(long value) {
    putU64(40, value);
    return this;
  }

  /** KVM_EXIT_MMIO: guest physical address, SHARED bit clear. */
  public long mmioPhysAddr() {
    return u64(32);
  }

  /** Sets {@link #mmioPhysAddr()}. */
  public KvmRun mmioPhysAddr(long value) {
    putU64(32, value);
    return this;
  }

  /** KVM_EXIT_MMIO: up to eight bytes, little-endian. */
  public long mmioData() {
    return u64(40);
  }

  /** Sets {@link #mmioData()}. */
  public KvmRun mmioData(long value) {
    putU64(40, value);
    return this;
  }

  /** KVM_EXIT_MMIO: 1, 2, 4 or 8 bytes. */
  public int mmioLen() {
    return u32(48);
  }

  /** Sets {@link #mmioLen()}. */
  public KvmRun mmioLen(int value) {
    putU32(48, value);
    return this;
  }

  /** KVM_EXIT_MMIO: 1 for a write. */
  public int mmioIsWrite() {
    return u8(52);
  }

  /** Sets {@link #mmioIsWrite()}. */
  public KvmRun mmioIsWrite(int value) {
    putU8(52, value);
    return this;
  }

  /** KVM_EXIT_HYPERCALL: number. */
  public long hypercallNr() {
    return u64(32);
  }

  /** Sets {@link #hypercallNr()}. */
  public KvmRun hypercallNr(long value) {
    putU64(32, value);
    return this;
  }

  /** KVM_EXIT_HYPERCALL: arguments, six words. */
  public long hypercallArgs(int index) {
    return u64(40 + 8L * index);
  }

  /** Sets {@link #hypercallArgs(int)}. */
  public KvmRun hypercallArgs(int index, long value) {
    putU64(40 + 8L * index, value);
    return this;
  }

  /** KVM_EXIT_HYPERCALL: result, written by user space. */
  public long hypercallRet() {
    return u64(88);
  }

  /** Sets {@link #hypercallRet()}. */
  public KvmRun hypercallRet(long value) {
    putU64(88, value);
    return this;
  }

  /** KVM_EXIT_HYPERCALL: bit 0, made in long mode. */
  public long hypercallFlags() {
    return u64(96);
  }

  /** Sets {@link #hypercallFlags()}. */
  public KvmRun hypercallFlags(long value) {
    putU64(96, value);
    return this;
  }

  /** KVM_EXIT_INTERNAL_ERROR: kind. */
  public int internalSuberror() {
    return u32(32);
  }

  /** Sets {@link #internalSuberror()}. */
  public KvmRun internalSuberror(int value) {
    putU32(32, value);
    return this;
  }

  /** KVM_EXIT_INTERNAL_ERROR: words of data. */
  public int internalNdata() {
    return u32(36);
  }

  /** Sets {@link #internalNdata()}. */
  public KvmRun internalNdata(int value) {
    putU32(36, value);
    return this;
  }

  /** KVM_EXIT_INTERNAL_ERROR: data, sixteen words. */
  public long internalData(int index) {
    return u64(40 + 8L * index);
  }

  /** Sets {@link #internalData(int)}. */
  public KvmRun internalData(int index, long value) {
    putU64(40 + 8L * index, value);
    return this;
  }

  /** KVM_EXIT_SYSTEM_EVENT: kind, a constant of {@link KvmExit}. */
  public int systemEventType() {
    return u32(32);
  }

  /** Sets {@link #systemEventType()}. */
  public KvmRun systemEventType(int value) {
    putU32(32, value);
    return this;
  }

  /** KVM_EXIT_SYSTEM_EVENT: words of data. */
  public int systemEventNdata() {
    return u32(36);
  }

  /** Sets {@link #systemEventNdata()}. */
  public KvmRun systemEventNdata(int value) {
    putU32(36, value);
    return this;
  }

  /** KVM_EXIT_SYSTEM_EVENT: data, sixteen words. */
  public long systemEventData(int index) {
    return u64(40 + 8L * index);
  }

  /** Sets {@link #systemEventData(int)}. */
  public KvmRun systemEventData(int index, long value) {
    putU64(40 + 8L * index, value);
    return this;
  }

  /** KVM_EXIT_IOAPIC_EOI: vector. */
  public int eoiVector() {
    return u8(32);
  }

  /** Sets {@link #eoiVector()}. */
  public KvmRun eoiVector(int value) {
    putU8(32, value);
    return this;
  }

  /** KVM_EXIT_X86_RDMSR and WRMSR: set by user space to raise #GP. */
  public int msrError() {
    return u8(32);
  }

  /** Sets {@link #msrError()}. */
  public KvmRun msrError(int value) {
    putU8(32, value);
    return this;
  }

  /** KVM_EXIT_X86_RDMSR and WRMSR: why user space is asked. */
  public int msrReason() {
    return u32(40);
  }

  /** Sets {@link #msrReason()}. */
  public KvmRun msrReason(int value) {
    putU32(40, value);
    return this;
  }

  /** KVM_EXIT_X86_RDMSR and WRMSR: MSR. */
  public int msrIndex() {
    return u32(44);
  }

  /** Sets {@link #msrIndex()}. */
  public KvmRun msrIndex(int value) {
    putU32(44, value);
    return this;
  }

  /** KVM_EXIT_X86_RDMSR and WRMSR: value. */
  public long msrData() {
    return u64(48);
  }

  /** Sets {@link #msrData()}. */
  public KvmRun msrData(long value) {
    putU64(48, value);
    return this;
  }

  /** KVM_EXIT_MEMORY_FAULT: 8 when a private access faulted. */
  public long memoryFaultFlags() {
    return u64(32);
  }

  /** Sets {@link #memoryFaultFlags()}. */
  public KvmRun memoryFaultFlags(long value) {
    putU64(32, value);
    return this;
  }

  /** KVM_EXIT_MEMORY_FAULT: guest physical address. */
  public long memoryFaultGpa() {
    return u64(40);
  }

  /** Sets {@link #memoryFaultGpa()}. */
  public KvmRun memoryFaultGpa(long value) {
    putU64(40, value);
    return this;
  }

  /** KVM_EXIT_MEMORY_FAULT: bytes. */
  public long memoryFaultSize() {
    return u64(48);
  }

  /** Sets {@link #memoryFaultSize()}. */
  public KvmRun memoryFaultSize(long value) {
    putU64(48, value);
    return this;
  }

  /** KVM_EXIT_TDX: flags. */
  public long tdxFlags() {
    return u64(32);
  }

  /** Sets {@link #tdxFlags()}. */
  public KvmRun tdxFlags(long value) {
    putU64(32, value);
    return this;
  }

  /** KVM_EXIT_TDX: TDVMCALL leaf. */
  public long tdxNr() {
    return u64(40);
  }

  /** Sets {@link #tdxNr()}. */
  public KvmRun tdxNr(long value) {
    putU64(40, value);
    return this;
  }

  /** KVM_EXIT_TDX: TDVMCALL status, written by user space. */
  public long tdxRet() {
    return u64(48);
  }

  /** Sets {@link #tdxRet()}. */
  public KvmRun tdxRet(long value) {
    putU64(48, value);
    return this;
  }

  /**
   * KVM_EXIT_TDX: words after the status: GetQuote gpa, size; GetTdVmCallInfo leaf, r11 to r14;
   * SetupEventNotify vector.
   */
  public long tdxData(int index) {
    return u64(56 + 8L * index);
  }

  /** Sets {@link #tdxData(int)}. */
  public KvmRun tdxData(int index, long value) {
    putU64(56 + 8L * index, value);
    return this;
  }

  /** Register sets user space wants synchronised. */
  public long validRegs() {
    return u64(288);
  }

  /** Sets {@link #validRegs()}. */
  public KvmRun validRegs(long value) {
    putU64(288, value);
    return this;
  }

  /** Register sets user space changed. */
  public long dirtyRegs() {
    return u64(296);
  }

  /** Sets {@link #dirtyRegs()}. */
  public KvmRun dirtyRegs(long value) {
    putU64(296, value);
    return this;
  }

  /** Byte {@code index} of the port I/O data page. */
  public int ioData8(int index) {
    return u8(4096 + 1L * index);
  }

  /** Sets {@link #ioData8(int)}. */
  public KvmRun ioData8(int index, int value) {
    putU8(4096 + 1L * index, value);
    return this;
  }

  /** Two-byte item {@code index} of the port I/O data page. */
  public int ioData16(int index) {
    return u16(4096 + 2L * index);
  }

  /** Sets {@link #ioData16(int)}. */
  public KvmRun ioData16(int index, int value) {
    putU16(4096 + 2L * index, value);
    return this;
  }

  /** Four-byte item {@code index} of the port I/O data page. */
  public int ioData32(int index) {
    return u32(4096 + 4L * index);
  }

  /** Sets {@link #ioData32(int)}. */
  public KvmRun ioData32(int index, int value) {
    putU32(4096 + 4L * index, value);
    return this;
  }

  /** {@link #ioDirection}: the guest reads a port. */
  public static final int IO_IN = 0;

  /** {@link #ioDirection}: the guest writes a port. */
  public static final int IO_OUT = 1;

  /** Offset of the port I/O data page, the value of {@link #ioDataOffset} on every exit. */
  public static final int IO_DATA_OFFSET = 4096;
}
