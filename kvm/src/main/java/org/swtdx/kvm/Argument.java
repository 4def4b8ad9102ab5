package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EFAULT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.function.LongToIntFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.Struct;

/**
 * The argument of an ioctl: a value, or the user address of a structure. Copies fail with -EFAULT
 * as copy_from_user and copy_to_user do.
 */
final class Argument {
  private static final VarHandle U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  private final AddressSpace memory;
  private final @Nullable Window window;
  private final long value;

  Argument(AddressSpace memory, long value) {
    this(memory, null, value);
  }

  private Argument(AddressSpace memory, @Nullable Window window, long value) {
    this.memory = memory;
    this.window = window;
    this.value = value;
  }

  /** The argument as a value. */
  long value() {
    return value;
  }

  /** The same memory at another user address. */
  Argument at(long address) {
    return new Argument(memory, window, address);
  }

  /** The same memory, further on. */
  Argument plus(long bytes) {
    return at(value + bytes);
  }

  // ---- copies ----

  private boolean copyIn(byte[] target, int offset, int length) {
    return window != null && value < 0
        ? window.read(value, target, offset, length)
        : memory.read(value, target, offset, length);
  }

  private boolean copyOut(byte[] source, int offset, int length) {
    return window != null && value < 0
        ? window.write(value, source, offset, length)
        : memory.write(value, source, offset, length);
  }

  /** Copies bytes in; false when they cannot be read. */
  boolean load(byte[] target) {
    return copyIn(target, 0, target.length);
  }

  /** Copies bytes out; false when they cannot be written. */
  boolean store(byte[] source) {
    return copyOut(source, 0, source.length);
  }

  /** put_user of 64 bits: 0 or -EFAULT. */
  int storeU64(long word) {
    byte[] bytes = new byte[8];
    U64.set(MemorySegment.ofArray(bytes), 0L, word);
    return store(bytes) ? 0 : -EFAULT;
  }

  /** get_user of 64 bits, then {@code action}; -EFAULT when they cannot be read. */
  int loadU64(LongToIntFunction action) {
    byte[] bytes = new byte[8];
    return load(bytes)
        ? action.applyAsInt((long) U64.get(MemorySegment.ofArray(bytes), 0L))
        : -EFAULT;
  }

  /** Copies a structure in; false when it cannot be read. */
  boolean load(Struct struct) {
    MemorySegment segment = struct.segment();
    return copyIn(array(segment), (int) segment.address(), (int) segment.byteSize());
  }

  /** Copies a structure out; false when it cannot be written. */
  boolean store(Struct struct) {
    return store(struct, struct.segment().byteSize());
  }

  /** Copies the first bytes of a structure out; false when they cannot be written. */
  boolean store(Struct struct, long bytes) {
    MemorySegment segment = struct.segment();
    return copyOut(array(segment), (int) segment.address(), (int) bytes);
  }

  private static byte[] array(MemorySegment segment) {
    return (byte[]) segment.heapBase().orElseThrow();
  }

  // ---- shapes of ioctls ----

  /** _IOW: copies {@code struct} in, then acts. */
  <S extends Struct> int in(S struct, ToIntFunction<S> action) {
    return load(struct) ? action.applyAsInt(struct) : -EFAULT;
  }

  /** _IOR: acts, then copies {@code struct} out unless there was an error. */
  <S extends Struct> int out(S struct, ToIntFunction<S> action) {
    int result = action.applyAsInt(struct);
    return result < 0 || store(struct) ? result : -EFAULT;
  }

  /** _IOWR: copies {@code struct} in, acts, and copies it out unless there was an error. */
  <S extends Struct> int inOut(S struct, ToIntFunction<S> action) {
    return load(struct) ? out(struct, action) : -EFAULT;
  }

  /** _IOWR with progress: as {@link #inOut}, but copies out after an error too. */
  <S extends Struct> int progress(S struct, ToIntFunction<S> action) {
    if (!load(struct)) {
      return -EFAULT;
    }
    int result = action.applyAsInt(struct);
    return store(struct) ? result : -EFAULT;
  }

  // ---- structures outside of the process's memory ----

  /** Where a client's structure appears: no process has mapped memory there. */
  private static final long FIRST = 0xffff_8000_0000_0000L;

  /** The address by which a client's structure points to its second one. */
  static final long SECOND = FIRST + (1L << 40);

  /**
   * A structure that is no part of the process's memory, and one that it points to by {@link
   * #SECOND}; other addresses are the process's.
   */
  static Argument of(AddressSpace memory, Struct struct, @Nullable Struct second) {
    MemorySegment data = second == null ? null : second.segment();
    return new Argument(memory, new Window(struct.segment(), data), FIRST);
  }

  private record Window(MemorySegment first, @Nullable MemorySegment second) {
    private static final long OFFSET = SECOND - FIRST - 1;

    boolean read(long uaddr, byte[] target, int offset, int length) {
      MemorySegment from = at(uaddr, length);
      if (from == null) {
        return false;
      }
      MemorySegment.copy(from, uaddr & OFFSET, MemorySegment.ofArray(target), offset, length);
      return true;
    }

    boolean write(long uaddr, byte[] source, int offset, int length) {
      MemorySegment to = at(uaddr, length);
      if (to == null) {
        return false;
      }
      MemorySegment.copy(MemorySegment.ofArray(source), offset, to, uaddr & OFFSET, length);
      return true;
    }

    private @Nullable MemorySegment at(long uaddr, int length) {
      long window = uaddr & ~OFFSET;
      MemorySegment found = window == FIRST ? first : window == SECOND ? second : null;
      return found != null && length <= found.byteSize() - (uaddr & OFFSET) ? found : null;
    }
  }
}
