package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Pending events of a vCPU. */
public final class KvmVcpuEvents extends Struct {
  /** {@code sizeof(struct kvm_vcpu_events)} in bytes. */
  public static final int SIZE = 64;

  /** Creates a zeroed structure. */
  public KvmVcpuEvents() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmVcpuEvents(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** An exception is being delivered. */
  public int exceptionInjected() {
    return u8(0);
  }

  /** Sets {@link #exceptionInjected()}. */
  public KvmVcpuEvents exceptionInjected(int value) {
    putU8(0, value);
    return this;
  }

  /** Its vector. */
  public int exceptionNr() {
    return u8(1);
  }

  /** Sets {@link #exceptionNr()}. */
  public KvmVcpuEvents exceptionNr(int value) {
    putU8(1, value);
    return this;
  }

  /** Whether it has an error code. */
  public int exceptionHasErrorCode() {
    return u8(2);
  }

  /** Sets {@link #exceptionHasErrorCode()}. */
  public KvmVcpuEvents exceptionHasErrorCode(int value) {
    putU8(2, value);
    return this;
  }

  /** An exception is pending. */
  public int exceptionPending() {
    return u8(3);
  }

  /** Sets {@link #exceptionPending()}. */
  public KvmVcpuEvents exceptionPending(int value) {
    putU8(3, value);
    return this;
  }

  /** Its error code. */
  public int exceptionErrorCode() {
    return u32(4);
  }

  /** Sets {@link #exceptionErrorCode()}. */
  public KvmVcpuEvents exceptionErrorCode(int value) {
    putU32(4, value);
    return this;
  }

  /** An interrupt is being delivered. */
  public int interruptInjected() {
    return u8(8);
  }

  /** Sets {@link #interruptInjected()}. */
  public KvmVcpuEvents interruptInjected(int value) {
    putU8(8, value);
    return this;
  }

  /** Its vector. */
  public int interruptNr() {
    return u8(9);
  }

  /** Sets {@link #interruptNr()}. */
  public KvmVcpuEvents interruptNr(int value) {
    putU8(9, value);
    return this;
  }

  /** Whether it is a software interrupt. */
  public int interruptSoft() {
    return u8(10);
  }

  /** Sets {@link #interruptSoft()}. */
  public KvmVcpuEvents interruptSoft(int value) {
    putU8(10, value);
    return this;
  }

  /** STI (2) and MOV SS (1) blocking. */
  public int interruptShadow() {
    return u8(11);
  }

  /** Sets {@link #interruptShadow()}. */
  public KvmVcpuEvents interruptShadow(int value) {
    putU8(11, value);
    return this;
  }

  /** An NMI is being delivered. */
  public int nmiInjected() {
    return u8(12);
  }

  /** Sets {@link #nmiInjected()}. */
  public KvmVcpuEvents nmiInjected(int value) {
    putU8(12, value);
    return this;
  }

  /** An NMI is pending. */
  public int nmiPending() {
    return u8(13);
  }

  /** Sets {@link #nmiPending()}. */
  public KvmVcpuEvents nmiPending(int value) {
    putU8(13, value);
    return this;
  }

  /** NMIs are blocked. */
  public int nmiMasked() {
    return u8(14);
  }

  /** Sets {@link #nmiMasked()}. */
  public KvmVcpuEvents nmiMasked(int value) {
    putU8(14, value);
    return this;
  }

  /** Last SIPI vector. */
  public int sipiVector() {
    return u32(16);
  }

  /** Sets {@link #sipiVector()}. */
  public KvmVcpuEvents sipiVector(int value) {
    putU32(16, value);
    return this;
  }

  /** {@code KVM_VCPUEVENT_VALID_*}. */
  public int flags() {
    return u32(20);
  }

  /** Sets {@link #flags()}. */
  public KvmVcpuEvents flags(int value) {
    putU32(20, value);
    return this;
  }

  /** In system-management mode. */
  public int smiSmm() {
    return u8(24);
  }

  /** Sets {@link #smiSmm()}. */
  public KvmVcpuEvents smiSmm(int value) {
    putU8(24, value);
    return this;
  }

  /** An SMI is pending. */
  public int smiPending() {
    return u8(25);
  }

  /** Sets {@link #smiPending()}. */
  public KvmVcpuEvents smiPending(int value) {
    putU8(25, value);
    return this;
  }

  /** The SMI came in an NMI handler. */
  public int smiInsideNmi() {
    return u8(26);
  }

  /** Sets {@link #smiInsideNmi()}. */
  public KvmVcpuEvents smiInsideNmi(int value) {
    putU8(26, value);
    return this;
  }

  /** An INIT waits. */
  public int smiLatchedInit() {
    return u8(27);
  }

  /** Sets {@link #smiLatchedInit()}. */
  public KvmVcpuEvents smiLatchedInit(int value) {
    putU8(27, value);
    return this;
  }

  /** A triple fault is pending. */
  public int tripleFaultPending() {
    return u8(28);
  }

  /** Sets {@link #tripleFaultPending()}. */
  public KvmVcpuEvents tripleFaultPending(int value) {
    putU8(28, value);
    return this;
  }

  /** {@link #exceptionPayload()} is valid. */
  public int exceptionHasPayload() {
    return u8(55);
  }

  /** Sets {@link #exceptionHasPayload()}. */
  public KvmVcpuEvents exceptionHasPayload(int value) {
    putU8(55, value);
    return this;
  }

  /** CR2, or bits of DR6, that the pending exception will set. */
  public long exceptionPayload() {
    return u64(56);
  }

  /** Sets {@link #exceptionPayload()}. */
  public KvmVcpuEvents exceptionPayload(long value) {
    putU64(56, value);
    return this;
  }
}
