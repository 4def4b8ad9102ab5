package org.swtdx.vmm.kernel;

import java.util.List;

/**
 * What has to be in guest memory, and how the first CPU starts: in 32-bit protected mode without
 * paging, interrupts off, all segments flat.
 *
 * @param pieces bytes and their places
 * @param entry address of the first instruction
 * @param codeSelector selector of the code segment; data segments have the next one
 * @param eax EAX
 * @param ebx EBX
 * @param esi ESI
 */
public record BootImage(
    List<Piece> pieces, long entry, int codeSelector, int eax, int ebx, int esi) {
  /** Copies the list. */
  public BootImage {
    pieces = List.copyOf(pieces);
  }

  /** Bytes at a guest physical address. */
  public static final class Piece {
    private final long gpa;
    private final byte[] bytes;

    Piece(long gpa, byte[] bytes) {
      this.gpa = gpa;
      this.bytes = bytes;
    }

    /** The address. */
    public long gpa() {
      return gpa;
    }

    /** The bytes; not copied. */
    public byte[] bytes() {
      return bytes;
    }

    long end() {
      return gpa + bytes.length;
    }
  }
}
