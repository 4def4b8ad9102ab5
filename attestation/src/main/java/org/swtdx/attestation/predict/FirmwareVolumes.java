package org.swtdx.attestation.predict;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.swtdx.attestation.bytes.Cursor;
import org.swtdx.attestation.bytes.Cursor.ShortDataException;

/**
 * The files in an image's firmware volumes, those in compressed sections included (UEFI Platform
 * Initialization specification, volume 3). Tolerant: a volume or file that is damaged ends where
 * the damage begins, as the boot of a damaged image can't be predicted anyway.
 */
final class FirmwareVolumes {
  private static final long SIGNATURE = 0x4856465fL; // "_FVH"
  private static final int HEADER_BYTES = 56;
  private static final int FILE_HEADER = 24;
  private static final int LARGE_FILE_HEADER = 32;
  private static final int MOST_DEPTH = 6;
  private static final int VOLUME_ALIGNMENT = 0x1000;
  private static final UUID NO_NAME = new UUID(0, 0);

  private static final int SECTION_GUIDED = 0x02;
  private static final int SECTION_PE32 = 0x10;
  private static final int SECTION_UI = 0x15;
  private static final int SECTION_VOLUME = 0x17;

  private final List<FirmwareFile> files = new ArrayList<>();
  private final LzmaSections lzma = new LzmaSections();

  private FirmwareVolumes() {}

  /** Reads all volumes of an image. */
  static FirmwareVolumes of(byte[] image) {
    FirmwareVolumes volumes = new FirmwareVolumes();
    for (int at = 0; at + HEADER_BYTES <= image.length; ) {
      long length = volumes.volume(image, at, image.length, 0);
      at = length > 0 ? (int) (at + length) : at + VOLUME_ALIGNMENT;
    }
    return volumes;
  }

  /** Finds a file by its name. */
  Optional<FirmwareFile> file(UUID name) {
    return files.stream().filter(f -> f.name().equals(name)).findFirst();
  }

  /** Number of files found. */
  int count() {
    return files.size();
  }

  /** Reads the volume at an index and returns its length; 0 if there is none. */
  private long volume(byte[] bytes, int at, int limit, int depth) {
    try {
      Cursor header = new Cursor(bytes, at, limit);
      header.skip(32, "a volume's header");
      long length = header.u64("a volume's length");
      if (header.u32("a volume's signature") != SIGNATURE
          || length < HEADER_BYTES
          || length > limit - at) {
        return 0;
      }
      header.skip(4, "a volume's attributes");
      int headerLength = header.u16("a volume's header length");
      header.skip(2, "a checksum");
      int extended = header.u16("the extended header's offset");
      int first = headerLength;
      UUID name = NO_NAME;
      if (extended != 0) {
        Cursor extension = new Cursor(bytes, at + Math.min(extended, (int) length), limit);
        name = extension.guid("a volume's name");
        first = align(extended + (int) extension.u32("the extended header's size"), 8);
      }
      files(bytes, at, first, (int) length, name, depth);
      return length;
    } catch (ShortDataException e) {
      return 0;
    }
  }

  private void files(byte[] bytes, int volume, int first, int length, UUID volumeName, int depth)
      throws ShortDataException {
    int at = first;
    while (at >= 0 && at + FILE_HEADER <= length) {
      Cursor header = new Cursor(bytes, volume + at, volume + length);
      UUID name = header.guid("a file's name");
      header.skip(2, "a checksum");
      int type = header.u8("a file's type");
      int attributes = header.u8("a file's attributes");
      long size = header.u16("a file's size") | (long) header.u8("a file's size") << 16;
      header.skip(1, "a file's state");
      int body = FILE_HEADER;
      if ((attributes & 1) != 0 && size == 0) {
        size = header.u64("a file's size");
        body = LARGE_FILE_HEADER;
      }
      if (size < body || size > length - at) {
        return; // free space
      }
      if (type != 0xf0 && type != 0xff) {
        FileReader reader = new FileReader(volumeName, name, depth);
        reader.sections(bytes, volume + at + body, volume + at + (int) size);
        files.add(reader.file());
      }
      at = align(at + (int) size, 8);
    }
  }

  private static int align(int value, int to) {
    return (value + to - 1) & -to;
  }

  /** Collects what is needed of one file's sections. */
  private final class FileReader {
    private final UUID volume;
    private final UUID name;
    private final int depth;
    private String description = "";
    private byte[] image = {};

    FileReader(UUID volume, UUID name, int depth) {
      this.volume = volume;
      this.name = name;
      this.depth = depth;
    }

    FirmwareFile file() {
      return new FirmwareFile(volume, name, description, image);
    }

    void sections(byte[] bytes, int from, int to) {
      int at = from;
      try {
        while (at + 4 <= to) {
          Cursor cursor = new Cursor(bytes, at, to);
          long size = cursor.u16("a section") | (long) cursor.u8("a section") << 16;
          int type = cursor.u8("a section's type");
          if (size == 0xffffff) {
            size = cursor.u32("a section's size");
          }
          int body = cursor.position();
          if (size < body - at || size > to - at) {
            return;
          }
          section(type, bytes, at, body, at + (int) size);
          at = from + align(at - from + (int) size, 4);
        }
      } catch (ShortDataException e) {
        // what was read so far remains
      }
    }

    private void section(int type, byte[] bytes, int start, int from, int to)
        throws ShortDataException {
      switch (type) {
        case SECTION_PE32 -> image = java.util.Arrays.copyOfRange(bytes, from, to);
        case SECTION_UI ->
            description =
                new Cursor(bytes, from, to).utf16((to - from) / 2, "a file's description");
        case SECTION_VOLUME -> {
          if (depth < MOST_DEPTH) {
            volume(bytes, from, to, depth + 1);
          }
        }
        case SECTION_GUIDED -> {
          Cursor cursor = new Cursor(bytes, from, to);
          UUID kind = cursor.guid("a section's GUID");
          int data = cursor.u16("a section's data offset");
          if (depth < MOST_DEPTH && start + data <= to) {
            byte[] plain = lzma.unpack(kind, bytes, start + data, to);
            new FileReader(volume, name, depth + 1).sections(plain, 0, plain.length);
          }
        }
        default -> {
          // nothing that is measured
        }
      }
    }
  }
}
