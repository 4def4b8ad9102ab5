package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_TRANSLATE}. */
public final class KvmTranslation extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 24;

  /** Creates a zeroed structure. */
  public KvmTranslation() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmTranslation(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Linear address to translate. */
  public long linearAddress() {
    return u64(0);
  }

  /** Sets {@link #linearAddress()}. */
  public KvmTranslation linearAddress(long value) {
    putU64(0, value);
    return this;
  }

  /** Guest physical address, all ones if there is none. */
  public long physicalAddress() {
    return u64(8);
  }

  /** Sets {@link #physicalAddress()}. */
  public KvmTranslation physicalAddress(long value) {
    putU64(8, value);
    return this;
  }

  /** Whether there is a translation. */
  public int valid() {
    return u8(16);
  }

  /** Sets {@link #valid()}. */
  public KvmTranslation valid(int value) {
    putU8(16, value);
    return this;
  }

  /** Always 1. */
  public int writeable() {
    return u8(17);
  }

  /** Sets {@link #writeable()}. */
  public KvmTranslation writeable(int value) {
    putU8(17, value);
    return this;
  }

  /** Always 0. */
  public int usermode() {
    return u8(18);
  }

  /** Sets {@link #usermode()}. */
  public KvmTranslation usermode(int value) {
    putU8(18, value);
    return this;
  }
}
