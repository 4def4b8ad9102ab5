package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_SET_GUEST_DEBUG}. */
public final class KvmGuestDebug extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 72;

  /** Creates a zeroed structure. */
  public KvmGuestDebug() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmGuestDebug(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** What to debug: the constants below. */
  public int control() {
    return u32(0);
  }

  /** Sets {@link #control()}. */
  public KvmGuestDebug control(int value) {
    putU32(0, value);
    return this;
  }

  /** Debug register {@code index}. */
  public long debugreg(int index) {
    return u64(8 + 8L * index);
  }

  /** Sets {@link #debugreg(int)}. */
  public KvmGuestDebug debugreg(int index, long value) {
    putU64(8 + 8L * index, value);
    return this;
  }

  /** Debug at all. */
  public static final int ENABLE = 1;

  /** Exit after each instruction. */
  public static final int SINGLESTEP = 2;

  /** Exit for INT3. */
  public static final int USE_SW_BP = 1 << 16;

  /** Use the debug registers given here instead of the guest's. */
  public static final int USE_HW_BP = 1 << 17;

  /** Inject #DB. */
  public static final int INJECT_DB = 1 << 18;

  /** Inject #BP. */
  public static final int INJECT_BP = 1 << 19;

  /** Keep interrupts from the guest. */
  public static final int BLOCKIRQ = 1 << 20;
}
