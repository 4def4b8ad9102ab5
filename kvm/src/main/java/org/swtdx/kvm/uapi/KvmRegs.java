package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** General-purpose registers of {@code KVM_GET_REGS} and {@code KVM_SET_REGS}. */
public final class KvmRegs extends Struct {
  /** {@code sizeof(struct kvm_regs)} in bytes. */
  public static final int SIZE = 144;

  /** Creates a zeroed structure. */
  public KvmRegs() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmRegs(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** RAX. */
  public long rax() {
    return u64(0);
  }

  /** Sets {@link #rax()}. */
  public KvmRegs rax(long value) {
    putU64(0, value);
    return this;
  }

  /** RBX. */
  public long rbx() {
    return u64(8);
  }

  /** Sets {@link #rbx()}. */
  public KvmRegs rbx(long value) {
    putU64(8, value);
    return this;
  }

  /** RCX. */
  public long rcx() {
    return u64(16);
  }

  /** Sets {@link #rcx()}. */
  public KvmRegs rcx(long value) {
    putU64(16, value);
    return this;
  }

  /** RDX. */
  public long rdx() {
    return u64(24);
  }

  /** Sets {@link #rdx()}. */
  public KvmRegs rdx(long value) {
    putU64(24, value);
    return this;
  }

  /** RSI. */
  public long rsi() {
    return u64(32);
  }

  /** Sets {@link #rsi()}. */
  public KvmRegs rsi(long value) {
    putU64(32, value);
    return this;
  }

  /** RDI. */
  public long rdi() {
    return u64(40);
  }

  /** Sets {@link #rdi()}. */
  public KvmRegs rdi(long value) {
    putU64(40, value);
    return this;
  }

  /** RSP. */
  public long rsp() {
    return u64(48);
  }

  /** Sets {@link #rsp()}. */
  public KvmRegs rsp(long value) {
    putU64(48, value);
    return this;
  }

  /** RBP. */
  public long rbp() {
    return u64(56);
  }

  /** Sets {@link #rbp()}. */
  public KvmRegs rbp(long value) {
    putU64(56, value);
    return this;
  }

  /** R8. */
  public long r8() {
    return u64(64);
  }

  /** Sets {@link #r8()}. */
  public KvmRegs r8(long value) {
    putU64(64, value);
    return this;
  }

  /** R9. */
  public long r9() {
    return u64(72);
  }

  /** Sets {@link #r9()}. */
  public KvmRegs r9(long value) {
    putU64(72, value);
    return this;
  }

  /** R10. */
  public long r10() {
    return u64(80);
  }

  /** Sets {@link #r10()}. */
  public KvmRegs r10(long value) {
    putU64(80, value);
    return this;
  }

  /** R11. */
  public long r11() {
    return u64(88);
  }

  /** Sets {@link #r11()}. */
  public KvmRegs r11(long value) {
    putU64(88, value);
    return this;
  }

  /** R12. */
  public long r12() {
    return u64(96);
  }

  /** Sets {@link #r12()}. */
  public KvmRegs r12(long value) {
    putU64(96, value);
    return this;
  }

  /** R13. */
  public long r13() {
    return u64(104);
  }

  /** Sets {@link #r13()}. */
  public KvmRegs r13(long value) {
    putU64(104, value);
    return this;
  }

  /** R14. */
  public long r14() {
    return u64(112);
  }

  /** Sets {@link #r14()}. */
  public KvmRegs r14(long value) {
    putU64(112, value);
    return this;
  }

  /** R15. */
  public long r15() {
    return u64(120);
  }

  /** Sets {@link #r15()}. */
  public KvmRegs r15(long value) {
    putU64(120, value);
    return this;
  }

  /** RIP. */
  public long rip() {
    return u64(128);
  }

  /** Sets {@link #rip()}. */
  public KvmRegs rip(long value) {
    putU64(128, value);
    return this;
  }

  /** RFLAGS. */
  public long rflags() {
    return u64(136);
  }

  /** Sets {@link #rflags()}. */
  public KvmRegs rflags(long value) {
    putU64(136, value);
    return this;
  }
}
