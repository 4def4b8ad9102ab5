package org.swtdx.cpu.decode.objdump;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Finds the code in ELF programs, Linux bzImages and UEFI firmware images. */
final class CodeImages {
  private static final byte[] ELF = HexFormat.of().parseHex("7f454c46");

  private static final byte[] HEADER = "HdrS".getBytes(StandardCharsets.US_ASCII);

  /** GUID of an LZMA section, and what LZMA streams made by the EDK II tools begin with. */
  private static final byte[] LZMA_SECTION =
      HexFormat.of().parseHex("98584eee1439594 29d6edc7bd79403cf".replace(" ", ""));

  private static final int PE_AMD64 = 0x8664, EXECUTABLE = 0x2000_0000;

  private CodeImages() {}

  /** Compares all the code of a file. */
  static void compare(ObjdumpComparison comparison, Path file)
      throws IOException, InterruptedException {
    byte[] bytes = Files.readAllBytes(file);
    if (startsWith(bytes, 0, ELF)) {
      comparison.program(file);
    } else if (bytes.length > 0x250 && startsWith(bytes, 0x202, HEADER)) {
      Path kernel = Files.createTempFile("vmlinux", "");
      try {
        Files.write(kernel, kernel(bytes));
        comparison.program(kernel);
      } finally {
        Files.delete(kernel);
      }
    } else {
      firmware(comparison, bytes);
    }
  }

  private static boolean startsWith(byte[] bytes, int at, byte[] magic) {
    return at + magic.length <= bytes.length
        && Arrays.equals(bytes, at, at + magic.length, magic, 0, magic.length);
  }

  private static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The ELF file in the payload of a bzImage, Documentation/arch/x86/boot.rst of Linux. */
  static byte[] kernel(byte[] image) throws IOException, InterruptedException {
    ByteBuffer b = buffer(image);
    int setup = 512 * ((b.get(0x1f1) & 0xff) + 1);
    int offset = setup + b.getInt(0x248);
    byte[] payload = Arrays.copyOfRange(image, offset, offset + b.getInt(0x24c));
    List<String> command =
        switch (payload[0] & 0xff) {
          case 0x02 -> List.of("lz4", "-dcq");
          case 0x1f -> List.of("gzip", "-dcq");
          case 0x28 -> List.of("zstd", "-dcq");
          case 0xfd -> List.of("xz", "-dcq");
          default -> List.of("xz", "--format=lzma", "-dcq");
        };
    return expand(payload, command);
  }

  /** Runs a decompressor; what follows the stream (the size Linux appends) is not its business. */
  private static byte[] expand(byte[] input, List<String> command)
      throws IOException, InterruptedException {
    Path file = Files.createTempFile("swtdx-compressed", ".bin");
    try {
      Files.write(file, input);
      Process process =
          new ProcessBuilder(command)
              .redirectInput(file.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      byte[] output = process.getInputStream().readAllBytes();
      process.waitFor();
      return output;
    } finally {
      Files.delete(file);
    }
  }

  /** The PE modules of the compressed volumes, and those that lie open. */
  private static void firmware(ObjdumpComparison comparison, byte[] image)
      throws IOException, InterruptedException {
    modules(comparison, image);
    for (int at = 0; at + 24 < image.length; at += 4) {
      if (startsWith(image, at, LZMA_SECTION)) {
        int data = at + (buffer(image).getShort(at + 16) & 0xffff) - 4;
        byte[] rest = Arrays.copyOfRange(image, data, image.length);
        modules(comparison, expand(rest, List.of("xz", "--format=lzma", "-dcq")));
      }
    }
  }

  private static void modules(ObjdumpComparison comparison, byte[] image) throws IOException {
    ByteBuffer b = buffer(image);
    for (int at = 0; at + 0x100 < image.length; at += 4) {
      if (image[at] == 'M' && image[at + 1] == 'Z') {
        int header = at + b.getInt(at + 0x3c);
        boolean module =
            header > at
                && header + 0x200 < image.length
                && b.getInt(header) == 0x4550
                && (b.getShort(header + 4) & 0xffff) == PE_AMD64;
        if (module) {
          sections(comparison, image, at, header);
        }
      }
    }
  }

  private static void sections(ObjdumpComparison comparison, byte[] image, int base, int header)
      throws IOException {
    ByteBuffer b = buffer(image);
    int count = b.getShort(header + 6);
    int table = header + 24 + b.getShort(header + 20);
    for (int i = 0; i < count; i++) {
      int entry = table + 40 * i;
      int size = b.getInt(entry + 16);
      int from = base + b.getInt(entry + 20);
      boolean code = (b.getInt(entry + 36) & EXECUTABLE) != 0;
      if (code && from > 0 && size > 0 && from + size <= image.length) {
        comparison.code(Arrays.copyOfRange(image, from, from + size));
      }
    }
  }
}
