package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Special registers of {@code KVM_GET_SREGS} and {@code KVM_SET_SREGS}. */
public final class KvmSregs extends Struct {
  /** {@code sizeof(struct kvm_sregs)} in bytes. */
  public static final int SIZE = 312;

  /** Creates a zeroed structure. */
  public KvmSregs() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmSregs(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Base of segment {@code index}. */
  public long base(int index) {
    return u64(0 + 24L * index);
  }

  /** Sets {@link #base(int)}. */
  public KvmSregs base(int index, long value) {
    putU64(0 + 24L * index, value);
    return this;
  }

  /** Limit of segment {@code index}. */
  public int limit(int index) {
    return u32(8 + 24L * index);
  }

  /** Sets {@link #limit(int)}. */
  public KvmSregs limit(int index, int value) {
    putU32(8 + 24L * index, value);
    return this;
  }

  /** Selector of segment {@code index}. */
  public int selector(int index) {
    return u16(12 + 24L * index);
  }

  /** Sets {@link #selector(int)}. */
  public KvmSregs selector(int index, int value) {
    putU16(12 + 24L * index, value);
    return this;
  }

  /** Type of segment {@code index}. */
  public int type(int index) {
    return u8(14 + 24L * index);
  }

  /** Sets {@link #type(int)}. */
  public KvmSregs type(int index, int value) {
    putU8(14 + 24L * index, value);
    return this;
  }

  /** P of segment {@code index}. */
  public int present(int index) {
    return u8(15 + 24L * index);
  }

  /** Sets {@link #present(int)}. */
  public KvmSregs present(int index, int value) {
    putU8(15 + 24L * index, value);
    return this;
  }

  /** DPL of segment {@code index}. */
  public int dpl(int index) {
    return u8(16 + 24L * index);
  }

  /** Sets {@link #dpl(int)}. */
  public KvmSregs dpl(int index, int value) {
    putU8(16 + 24L * index, value);
    return this;
  }

  /** D/B of segment {@code index}. */
  public int db(int index) {
    return u8(17 + 24L * index);
  }

  /** Sets {@link #db(int)}. */
  public KvmSregs db(int index, int value) {
    putU8(17 + 24L * index, value);
    return this;
  }

  /** S of segment {@code index}. */
  public int s(int index) {
    return u8(18 + 24L * index);
  }

  /** Sets {@link #s(int)}. */
  public KvmSregs s(int index, int value) {
    putU8(18 + 24L * index, value);
    return this;
  }

  /** L of segment {@code index}. */
  public int l(int index) {
    return u8(19 + 24L * index);
  }

  /** Sets {@link #l(int)}. */
  public KvmSregs l(int index, int value) {
    putU8(19 + 24L * index, value);
    return this;
  }

  /** G of segment {@code index}. */
  public int g(int index) {
    return u8(20 + 24L * index);
  }

  /** Sets {@link #g(int)}. */
  public KvmSregs g(int index, int value) {
    putU8(20 + 24L * index, value);
    return this;
  }

  /** AVL of segment {@code index}. */
  public int avl(int index) {
    return u8(21 + 24L * index);
  }

  /** Sets {@link #avl(int)}. */
  public KvmSregs avl(int index, int value) {
    putU8(21 + 24L * index, value);
    return this;
  }

  /** Whether segment {@code index} is unusable. */
  public int unusable(int index) {
    return u8(22 + 24L * index);
  }

  /** Sets {@link #unusable(int)}. */
  public KvmSregs unusable(int index, int value) {
    putU8(22 + 24L * index, value);
    return this;
  }

  /** GDTR base. */
  public long gdtBase() {
    return u64(192);
  }

  /** Sets {@link #gdtBase()}. */
  public KvmSregs gdtBase(long value) {
    putU64(192, value);
    return this;
  }

  /** GDTR limit. */
  public int gdtLimit() {
    return u16(200);
  }

  /** Sets {@link #gdtLimit()}. */
  public KvmSregs gdtLimit(int value) {
    putU16(200, value);
    return this;
  }

  /** IDTR base. */
  public long idtBase() {
    return u64(208);
  }

  /** Sets {@link #idtBase()}. */
  public KvmSregs idtBase(long value) {
    putU64(208, value);
    return this;
  }

  /** IDTR limit. */
  public int idtLimit() {
    return u16(216);
  }

  /** Sets {@link #idtLimit()}. */
  public KvmSregs idtLimit(int value) {
    putU16(216, value);
    return this;
  }

  /** CR0. */
  public long cr0() {
    return u64(224);
  }

  /** Sets {@link #cr0()}. */
  public KvmSregs cr0(long value) {
    putU64(224, value);
    return this;
  }

  /** CR2. */
  public long cr2() {
    return u64(232);
  }

  /** Sets {@link #cr2()}. */
  public KvmSregs cr2(long value) {
    putU64(232, value);
    return this;
  }

  /** CR3. */
  public long cr3() {
    return u64(240);
  }

  /** Sets {@link #cr3()}. */
  public KvmSregs cr3(long value) {
    putU64(240, value);
    return this;
  }

  /** CR4. */
  public long cr4() {
    return u64(248);
  }

  /** Sets {@link #cr4()}. */
  public KvmSregs cr4(long value) {
    putU64(248, value);
    return this;
  }

  /** CR8. */
  public long cr8() {
    return u64(256);
  }

  /** Sets {@link #cr8()}. */
  public KvmSregs cr8(long value) {
    putU64(256, value);
    return this;
  }

  /** IA32_EFER. */
  public long efer() {
    return u64(264);
  }

  /** Sets {@link #efer()}. */
  public KvmSregs efer(long value) {
    putU64(264, value);
    return this;
  }

  /** IA32_APIC_BASE. */
  public long apicBase() {
    return u64(272);
  }

  /** Sets {@link #apicBase()}. */
  public KvmSregs apicBase(long value) {
    putU64(272, value);
    return this;
  }

  /** Pending external interrupt, four words. */
  public long interruptBitmap(int index) {
    return u64(280 + 8L * index);
  }

  /** Sets {@link #interruptBitmap(int)}. */
  public KvmSregs interruptBitmap(int index, long value) {
    putU64(280 + 8L * index, value);
    return this;
  }

  /** Index of a segment register in this structure's order. */
  public static final int CS = 0, DS = 1, ES = 2, FS = 3, GS = 4, SS = 5, TR = 6, LDT = 7;
}
