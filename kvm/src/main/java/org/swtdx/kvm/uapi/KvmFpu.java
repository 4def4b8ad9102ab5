package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** x87 and SSE state of {@code KVM_GET_FPU} and {@code KVM_SET_FPU}. */
public final class KvmFpu extends Struct {
  /** {@code sizeof(struct kvm_fpu)} in bytes. */
  public static final int SIZE = 416;

  /** Creates a zeroed structure. */
  public KvmFpu() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmFpu(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Half {@code index & 1} of x87 register {@code index >> 1}. */
  public long fpr(int index) {
    return u64(0 + 8L * index);
  }

  /** Sets {@link #fpr(int)}. */
  public KvmFpu fpr(int index, long value) {
    putU64(0 + 8L * index, value);
    return this;
  }

  /** Control word. */
  public int fcw() {
    return u16(128);
  }

  /** Sets {@link #fcw()}. */
  public KvmFpu fcw(int value) {
    putU16(128, value);
    return this;
  }

  /** Status word. */
  public int fsw() {
    return u16(130);
  }

  /** Sets {@link #fsw()}. */
  public KvmFpu fsw(int value) {
    putU16(130, value);
    return this;
  }

  /** Abridged tag word. */
  public int ftwx() {
    return u8(132);
  }

  /** Sets {@link #ftwx()}. */
  public KvmFpu ftwx(int value) {
    putU8(132, value);
    return this;
  }

  /** Last opcode. */
  public int lastOpcode() {
    return u16(134);
  }

  /** Sets {@link #lastOpcode()}. */
  public KvmFpu lastOpcode(int value) {
    putU16(134, value);
    return this;
  }

  /** Last instruction pointer. */
  public long lastIp() {
    return u64(136);
  }

  /** Sets {@link #lastIp()}. */
  public KvmFpu lastIp(long value) {
    putU64(136, value);
    return this;
  }

  /** Last data pointer. */
  public long lastDp() {
    return u64(144);
  }

  /** Sets {@link #lastDp()}. */
  public KvmFpu lastDp(long value) {
    putU64(144, value);
    return this;
  }

  /** Half {@code index & 1} of XMM register {@code index >> 1}. */
  public long xmm(int index) {
    return u64(152 + 8L * index);
  }

  /** Sets {@link #xmm(int)}. */
  public KvmFpu xmm(int index, long value) {
    putU64(152 + 8L * index, value);
    return this;
  }

  /** MXCSR. */
  public int mxcsr() {
    return u32(408);
  }

  /** Sets {@link #mxcsr()}. */
  public KvmFpu mxcsr(int value) {
    putU32(408, value);
    return this;
  }
}
