package org.swtdx.attestation.tdvf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Builds TDVF images, correct unless told otherwise. */
public final class TdvfImageBuilder {
  /** Size of every image built. */
  public static final int SIZE = 0x10000;

  private static final String FOOTER = "96b582de-1fb2-45f7-baea-a366c55a082d";
  private static final String METADATA_OFFSET = "e47a6535-984a-4798-865e-4685a7bf8ec2";
  private static final String OTHER = "dc886566-984a-4798-a75e-5585a7bf67cc";
  private static final int METADATA_AT = SIZE - 0x800;

  private final List<long[]> sections = new ArrayList<>();
  private boolean guided = true;
  private int version = 1;
  private int lengthError;
  private int signature = 0x46564454;
  private int offsetFromEnd = SIZE - METADATA_AT;

  /** An image with BFV, CFV, TempMem and TD_HOB. */
  public static TdvfImageBuilder ordinary() {
    return new TdvfImageBuilder()
        .section(0x1000, 0xf000, 0xffff1000L, 0xf000, 0, 1)
        .section(0, 0x1000, 0xffff0000L, 0x1000, 1, 0)
        .section(0, 0, 0x810000, 0x4000, 3, 0)
        .section(0, 0, 0x809000, 0x2000, 2, 0);
  }

  /** Adds a section. */
  public TdvfImageBuilder section(long data, long raw, long gpa, long size, int type, int attr) {
    sections.add(new long[] {data, raw, gpa, size, type, attr});
    return this;
  }

  TdvfImageBuilder without(int type) {
    sections.removeIf(s -> s[4] == type);
    return this;
  }

  TdvfImageBuilder field(int section, int field, long value) {
    sections.get(section)[field] = value;
    return this;
  }

  TdvfImageBuilder atFixedOffset() {
    guided = false;
    return this;
  }

  TdvfImageBuilder version(int value) {
    version = value;
    return this;
  }

  TdvfImageBuilder lengthError(int value) {
    lengthError = value;
    return this;
  }

  TdvfImageBuilder signature(int value) {
    signature = value;
    return this;
  }

  TdvfImageBuilder offsetFromEnd(int value) {
    offsetFromEnd = value;
    return this;
  }

  /** The image's bytes: reproducible noise with the metadata written over it. */
  public byte[] build() {
    byte[] bytes = new byte[SIZE];
    new Random(20).nextBytes(bytes);
    ByteBuffer image = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    image.putInt(METADATA_AT, signature);
    image.putInt(METADATA_AT + 4, 16 + 32 * sections.size() + lengthError);
    image.putInt(METADATA_AT + 8, version);
    image.putInt(METADATA_AT + 12, sections.size());
    int at = METADATA_AT + 16;
    for (long[] s : sections) {
      image.putInt(at, (int) s[0]).putInt(at + 4, (int) s[1]);
      image.putLong(at + 8, s[2]).putLong(at + 16, s[3]);
      image.putInt(at + 24, (int) s[4]).putInt(at + 28, (int) s[5]);
      at += 32;
    }
    if (guided) {
      int end = SIZE - 0x20;
      guid(image, end - 16, FOOTER);
      image.putShort(end - 18, (short) (18 + 22 + 26));
      end -= 18;
      guid(image, end - 16, OTHER);
      image.putShort(end - 18, (short) 26);
      end -= 26;
      guid(image, end - 16, METADATA_OFFSET);
      image.putShort(end - 18, (short) 22);
      image.putInt(end - 22, offsetFromEnd);
    } else {
      image.putInt(SIZE - 0x20, offsetFromEnd);
    }
    return bytes;
  }

  private static void guid(ByteBuffer image, int at, String text) {
    UUID uuid = UUID.fromString(text);
    long high = uuid.getMostSignificantBits();
    image.putInt(at, (int) (high >>> 32));
    image.putShort(at + 4, (short) (high >>> 16));
    image.putShort(at + 6, (short) high);
    image.putLong(at + 8, Long.reverseBytes(uuid.getLeastSignificantBits()));
  }
}
