package org.swtdx.vmm.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.swtdx.vmm.BootFile;
import org.swtdx.vmm.VmmException;

/** A statically linked ELF file of 32 or 64 bits, little-endian, as far as loading it needs. */
final class ElfFile {
  static final int MACHINE_386 = 3;
  static final int MACHINE_X86_64 = 62;

  private static final int LOAD = 1;
  private static final int NOTE = 4;
  private static final int XEN_PHYS32_ENTRY = 18;

  private final byte[] bytes;
  private final int machine;
  private final long entry;
  private final List<Segment> segments;
  private final List<Segment> notes;

  private ElfFile(
      byte[] bytes, int machine, long entry, List<Segment> segments, List<Segment> notes) {
    this.bytes = bytes;
    this.machine = machine;
    this.entry = entry;
    this.segments = segments;
    this.notes = notes;
  }

  /** {@code e_machine}. */
  int machine() {
    return machine;
  }

  /** Physical address of the entry point. */
  long entry() {
    return entry;
  }

  /** Whether nothing is loaded. */
  boolean isEmpty() {
    return segments.isEmpty();
  }

  /** A part of the file and its place in memory. */
  record Segment(long offset, long fileBytes, long gpa, long virtual, long memoryBytes) {
    boolean containsVirtual(long address) {
      return address >= virtual && address - virtual < memoryBytes;
    }
  }

  static boolean matches(byte[] file) {
    return file.length > 0x34
        && file[0] == 0x7f
        && file[1] == 'E'
        && file[2] == 'L'
        && file[3] == 'F';
  }

  static ElfFile parse(BootFile name, byte[] file) throws VmmException {
    ByteBuffer b = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    boolean wide = file[4] == 2;
    if (!matches(file) || file[4] != 1 && !wide || file[5] != 1 || wide && file.length < 0x40) {
      throw KernelFormat.invalid(name, "not a little-endian ELF file of 32 or 64 bits");
    }
    long headers = wide ? b.getLong(0x20) : Integer.toUnsignedLong(b.getInt(0x1c));
    int size = b.getShort(wide ? 0x36 : 0x2a);
    int count = Short.toUnsignedInt(b.getShort(wide ? 0x38 : 0x2c));
    int least = wide ? 0x38 : 0x20;
    if (size < least || headers < 0 || headers + (long) size * count > file.length) {
      throw KernelFormat.invalid(name, "its ELF program headers lie outside of the file");
    }
    List<Segment> segments = new ArrayList<>();
    List<Segment> notes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int at = (int) headers + i * size;
      Segment segment = wide ? segment64(b, at) : segment32(b, at);
      int type = b.getInt(at);
      if (type != LOAD && type != NOTE) {
        continue;
      }
      if (!sane(segment, file.length)) {
        throw KernelFormat.invalid(name, "its ELF segment " + i + " lies outside of the file");
      }
      (type == LOAD ? segments : notes).add(segment);
    }
    long entry = wide ? b.getLong(0x18) : Integer.toUnsignedLong(b.getInt(0x18));
    return new ElfFile(
        file, Short.toUnsignedInt(b.getShort(0x12)), physical(entry, segments), segments, notes);
  }

  private static Segment segment64(ByteBuffer b, int at) {
    return new Segment(
        b.getLong(at + 8),
        b.getLong(at + 32),
        b.getLong(at + 24),
        b.getLong(at + 16),
        b.getLong(at + 40));
  }

  private static Segment segment32(ByteBuffer b, int at) {
    return new Segment(
        Integer.toUnsignedLong(b.getInt(at + 4)),
        Integer.toUnsignedLong(b.getInt(at + 16)),
        Integer.toUnsignedLong(b.getInt(at + 12)),
        Integer.toUnsignedLong(b.getInt(at + 8)),
        Integer.toUnsignedLong(b.getInt(at + 20)));
  }

  private static boolean sane(Segment s, int length) {
    return s.offset >= 0
        && s.fileBytes >= 0
        && s.offset <= length
        && s.fileBytes <= length - s.offset
        && s.memoryBytes >= s.fileBytes
        && s.gpa >= 0
        && s.gpa + s.memoryBytes <= 1L << 32
        && s.gpa + s.memoryBytes >= s.gpa;
  }

  private static long physical(long entry, List<Segment> segments) {
    for (Segment s : segments) {
      if (s.containsVirtual(entry)) {
        return entry - s.virtual + s.gpa;
      }
    }
    return entry;
  }

  long low() {
    return segments.stream().filter(s -> s.memoryBytes > 0).mapToLong(Segment::gpa).min().orElse(0);
  }

  long high() {
    return segments.stream().mapToLong(s -> s.gpa + s.memoryBytes).max().orElse(0);
  }

  /** The segments' bytes; what they leave out is zero in fresh RAM. */
  List<BootImage.Piece> pieces() {
    List<BootImage.Piece> pieces = new ArrayList<>();
    for (Segment s : segments) {
      if (s.fileBytes > 0) {
        int from = (int) s.offset;
        pieces.add(
            new BootImage.Piece(
                s.gpa, java.util.Arrays.copyOfRange(bytes, from, from + (int) s.fileBytes)));
      }
    }
    return pieces;
  }

  /** The 32-bit entry point that a PVH kernel names in a note. */
  OptionalLong pvhEntry() {
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (Segment note : notes) {
      long at = note.offset;
      long end = note.offset + note.fileBytes;
      while (end - at >= 12) {
        long nameBytes = Integer.toUnsignedLong(b.getInt((int) at));
        long valueBytes = Integer.toUnsignedLong(b.getInt((int) at + 4));
        long value = at + 12 + (nameBytes + 3 & -4);
        long next = value + (valueBytes + 3 & -4);
        if (next > end) {
          break;
        }
        boolean xen = nameBytes == 4 && b.getInt((int) at + 12) == 0x006e6558;
        if (xen && b.getInt((int) at + 8) == XEN_PHYS32_ENTRY && valueBytes >= 4) {
          return OptionalLong.of(Integer.toUnsignedLong(b.getInt((int) value)));
        }
        at = next;
      }
    }
    return OptionalLong.empty();
  }
}
