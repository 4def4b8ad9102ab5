package org.swtdx.kvm;

/**
 * The memory of a process that uses KVM, by user address. KVM copies arguments from and to it, and
 * maps its pages into guests. All methods may be called from any thread and never throw for what an
 * address is: an address that is not mapped gives failure.
 */
public interface AddressSpace {
  /** Told around pages losing their frames: whoever maps them elsewhere must let go. */
  interface RangeListener {
    /** User addresses {@code from} to {@code to}, exclusive, are about to lose their frames. */
    void begin(long from, long to);

    /** The frames of the last range are gone. */
    void end();
  }

  /**
   * Copies out of the process's memory.
   *
   * @return false when part of the range cannot be read; the target may be partly written then
   */
  boolean read(long uaddr, byte[] target, int offset, int length);

  /**
   * Copies into the process's memory.
   *
   * @return false when part of the range cannot be written; part of it may have been
   */
  boolean write(long uaddr, byte[] source, int offset, int length);

  /**
   * The host physical address of the frame behind the page of {@code uaddr}, taken if needed. A
   * guest that the page belongs to reaches that frame directly.
   *
   * @return the address, or -1 if there is none
   */
  long frame(long uaddr);

  /**
   * As {@link #frame}, of a page that stays there and readable whatever the process does meanwhile,
   * as {@code get_user_pages} gives.
   *
   * @return the address, or -1 if there is none: the page is to be read instead
   */
  default long pinned(long uaddr) {
    return frame(uaddr);
  }

  /**
   * Prepares a range of whole pages, which a memory slot is about to use, for {@link #frame}.
   *
   * @return 0 or a negative error number
   */
  default int provide(long uaddr, long size) {
    return 0;
  }

  /** Whether all of a range is mapped. */
  boolean contains(long uaddr, long size);

  /** Adds somebody to be told before pages lose their frames. */
  void addListener(RangeListener listener);

  /** Removes what {@link #addListener} added. */
  void removeListener(RangeListener listener);

  /** Reads 1, 2, 4 or 8 bytes, zero-extended; 0 when not mapped. */
  default long load(long uaddr, int size) {
    byte[] bytes = new byte[size];
    if (!read(uaddr, bytes, 0, size)) {
      return 0;
    }
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | bytes[i] & 0xff;
    }
    return value;
  }

  /** Writes the low 1, 2, 4 or 8 bytes of a value; nothing when not mapped. */
  default void store(long uaddr, int size, long value) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (value >>> 8 * i);
    }
    write(uaddr, bytes, 0, size);
  }
}
