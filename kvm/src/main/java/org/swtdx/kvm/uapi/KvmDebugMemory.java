package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/**
 * Argument of {@link KvmExtensionAbi#DEBUG_READ_MEMORY} and {@link
 * KvmExtensionAbi#DEBUG_WRITE_MEMORY}; advanced by the bytes that were copied. Not in Linux; the
 * fields are those of the drafts' {@code struct kvm_rw_memory}.
 */
public final class KvmDebugMemory extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 24;

  /** Creates a zeroed structure. */
  public KvmDebugMemory() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmDebugMemory(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Guest physical address, without the SHARED bit. */
  public long gpa() {
    return u64(0);
  }

  /** Sets {@link #gpa()}. */
  public KvmDebugMemory gpa(long value) {
    putU64(0, value);
    return this;
  }

  /** User address of the other side. */
  public long uaddr() {
    return u64(8);
  }

  /** Sets {@link #uaddr()}. */
  public KvmDebugMemory uaddr(long value) {
    putU64(8, value);
    return this;
  }

  /** Bytes. */
  public long len() {
    return u64(16);
  }

  /** Sets {@link #len()}. */
  public KvmDebugMemory len(long value) {
    putU64(16, value);
    return this;
  }
}
