package org.swtdx.attestation.predict;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.swtdx.attestation.bytes.StructWriter;
import org.swtdx.attestation.tdvf.TdvfException;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.attestation.tdvf.TdvfImageBuilder;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;

/** Makes firmware images with volumes, as small as they get. */
final class Firmware {
  static final UUID VOLUME = UUID.fromString("7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1");
  static final String MEASURING = "f062221e-c607-44c2-b0b4-c3886331d351";
  static final String SECURE_BOOT = "f0e6a44f-7195-41c3-ac64-54f202cd0a21";
  static final String BOOT_MANAGER = "462caa21-7614-4503-836e-8ab6f4662331";
  static final String SHELL = "7c04a583-9e3e-4f1c-ad65-e05268d0b4d1";

  private final List<byte[]> files = new ArrayList<>();
  private final StructWriter variables = new StructWriter();

  /** Firmware that measures and has a boot manager and a shell. */
  static Firmware ordinary() {
    return new Firmware()
        .file(MEASURING, "", new byte[0])
        .file(BOOT_MANAGER, "UiApp", pe(1))
        .file(SHELL, "Shell", pe(2));
  }

  Firmware file(String name, String description, byte[] image) {
    StructWriter sections = new StructWriter();
    if (image.length > 0) {
      section(sections, 0x10, image);
    }
    if (!description.isEmpty()) {
      section(sections, 0x15, new StructWriter().utf16(description + "\0").toByteArray());
    }
    files.add(ffs(UUID.fromString(name), 9, sections.toByteArray()));
    return this;
  }

  Firmware variable(UUID vendor, String name, int state, byte[] contents) {
    variables.u16(0x55aa).u8(state).u8(0).u32(3).u64(0).zeros(16).u32(0);
    variables.u32(2L * name.length() + 2).u32(contents.length).guid(vendor);
    variables.utf16(name + "\0").bytes(contents);
    variables.zeros(-variables.toByteArray().length & 3);
    return this;
  }

  /** The image: a variable store of 4 KiB, then a volume with a compressed volume in it. */
  TdvfImage image() throws TdvfException {
    return TdvfImage.parse(bytes());
  }

  byte[] bytes() {
    byte[] image = TdvfImageBuilder.ordinary().build();
    put(image, 0, store());
    StructWriter inner = new StructWriter();
    section(inner, 0x19, new byte[12]);
    section(inner, 0x17, volume(files, 0));
    byte[] guided =
        new StructWriter()
            .guid(LzmaSections.LZMA)
            .u16(24)
            .u16(1)
            .bytes(compress(inner.toByteArray()))
            .toByteArray();
    StructWriter outer = new StructWriter();
    section(outer, 0x02, guided);
    byte[] main = volume(List.of(ffs(new UUID(1, 2), 11, outer.toByteArray())), 0x6000);
    put(image, 0x1000, main);
    return image;
  }

  private byte[] store() {
    byte[] body = variables.toByteArray();
    byte[] store =
        new StructWriter()
            .zeros(32)
            .u64(0x1000)
            .ascii("_FVH")
            .u32(0)
            .u16(72)
            .zeros(22)
            .guid(UUID.fromString("aaf32c78-947b-439a-a180-2e144ec37792"))
            .u32(0x800)
            .u8(0x5a)
            .u8(0xfe)
            .zeros(6)
            .bytes(body)
            .toByteArray();
    byte[] page = new byte[0x1000];
    java.util.Arrays.fill(page, (byte) 0xff);
    put(page, 0, store);
    return page;
  }

  private static byte[] volume(List<byte[]> files, int size) {
    StructWriter body = new StructWriter();
    for (byte[] file : files) {
      body.bytes(file).zeros(-file.length & 7);
    }
    byte[] contents = body.toByteArray();
    int headers = 72 + 24;
    int length = Math.max(size, headers + contents.length);
    StructWriter volume = new StructWriter();
    volume.zeros(32).u64(length).ascii("_FVH").u32(0).u16(72).u16(0).u16(72).u8(0).u8(2);
    volume.zeros(16).guid(VOLUME).u32(20).zeros(4).bytes(contents);
    int free = length - headers - contents.length;
    byte[] rest = new byte[free];
    java.util.Arrays.fill(rest, (byte) 0xff);
    return volume.bytes(rest).toByteArray();
  }

  private static byte[] ffs(UUID name, int type, byte[] body) {
    int size = 24 + body.length;
    return new StructWriter()
        .guid(name)
        .u16(0)
        .u8(type)
        .u8(0)
        .u16(size)
        .u8(size >>> 16)
        .u8(0xf8)
        .bytes(body)
        .toByteArray();
  }

  private static void section(StructWriter out, int type, byte[] body) {
    int size = 4 + body.length;
    out.u16(size).u8(size >>> 16).u8(type).bytes(body).zeros(-size & 3);
  }

  private static byte[] compress(byte[] plain) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (LZMAOutputStream lzma = new LZMAOutputStream(out, new LZMA2Options(), plain.length)) {
      lzma.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static void put(byte[] image, int at, byte[] part) {
    System.arraycopy(part, 0, image, at, part.length);
  }

  /** A PE32+ image with two sections, the second first in the file, and a certificate. */
  static byte[] pe(int fill) {
    byte[] image =
        new StructWriter()
            .ascii("MZ")
            .zeros(58)
            .u32(64)
            .u32(0x4550)
            .u16(0x8664)
            .u16(2)
            .zeros(12)
            .u16(240)
            .u16(0)
            .u16(0x20b)
            .zeros(58)
            .u32(0x200) // size of headers
            .u32(0x1234) // checksum
            .zeros(40)
            .u32(16)
            .zeros(32)
            .u32(0x500)
            .u32(8) // certificates
            .zeros(88)
            .zeros(16)
            .u32(0x100)
            .u32(0x400)
            .zeros(16)
            .zeros(16)
            .u32(0x200)
            .u32(0x200)
            .zeros(16)
            .toByteArray();
    byte[] whole = java.util.Arrays.copyOf(image, 0x508);
    java.util.Arrays.fill(whole, 0x200, 0x508, (byte) fill);
    whole[0x450] = 9;
    return whole;
  }
}
