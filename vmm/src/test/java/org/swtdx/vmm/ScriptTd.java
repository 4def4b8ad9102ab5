package org.swtdx.vmm;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Builds small TDVF images: either raw 32-bit code at the reset vector, or a script of TDVMCALLs
 * that the image carries out in 64-bit mode before it spins.
 */
final class ScriptTd {
  private static final int SIZE = 0x4000;
  private static final long BASE = (1L << 32) - SIZE;
  private static final int PDPT = 0x1000;
  private static final int GDT = 0x2000;
  private static final int GDT_POINTER = 0x2040;
  private static final int CODE = 0x2100;
  private static final int LONG_MODE = 0x2180;
  private static final int SCRIPT = 0x2200;
  private static final int METADATA = 0x3800;
  private static final int IO = 30;
  private static final int FATAL = 0x10003;
  private static final int MAP_GPA = 0x10001;

  /** The SHARED bit of a TD with 52-bit guest addresses, which the platform's KVM offers. */
  private static final long SHARED = 1L << 51;

  private final List<long[]> calls = new ArrayList<>();

  /** Adds one TDVMCALL with R11 to R15. */
  ScriptTd call(long function, long r12, long r13, long r14, long r15) {
    calls.add(new long[] {function, r12, r13, r14, r15});
    return this;
  }

  ScriptTd out(int port, int size, int value) {
    return call(IO, size, 1, port, Integer.toUnsignedLong(value));
  }

  ScriptTd print(String text) {
    for (byte b : text.getBytes(US_ASCII)) {
      out(0x3f8, 1, b);
    }
    return this;
  }

  ScriptTd fatal(long code, String text) {
    ByteBuffer words = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    words.put(text.getBytes(US_ASCII));
    return call(FATAL, code, 0, words.getLong(0), words.getLong(8));
  }

  ScriptTd mapShared(long gpa, long bytes) {
    return call(MAP_GPA, gpa | SHARED, bytes, 0, 0);
  }

  ScriptTd mapPrivate(long gpa, long bytes) {
    return call(MAP_GPA, gpa, bytes, 0, 0);
  }

  /** Programs PMBASE and enters S5. */
  ScriptTd powerOff() {
    out(0xcf8, 4, 0x8000f840).out(0xcfc, 4, 0x601);
    out(0xcf8, 4, 0x8000f844).out(0xcfc, 1, 0x80);
    return out(0x604, 2, 0x2001);
  }

  /** The image that carries out the script. */
  Firmware firmware() {
    ByteBuffer image = empty();
    image.putLong(0, BASE + PDPT | 3);
    for (int gib = 0; gib < 4; gib++) {
      image.putLong(PDPT + 8 * gib, (long) gib << 30 | 0x83);
    }
    image.putLong(GDT + 8, 0x00af9b000000ffffL);
    image.putShort(GDT_POINTER, (short) 15).putInt(GDT_POINTER + 2, (int) BASE + GDT);
    put(image, CODE, "0f0115").putInt(CODE + 3, (int) BASE + GDT_POINTER); // lgdt
    put(image, CODE + 7, "0f20e083c8200f22e0b8"); // CR4.PAE
    image.putInt(CODE + 17, (int) BASE);
    put(image, CODE + 21, "0f22d80f20c00d000000800f22c0ea"); // CR3, CR0.PG, far jump
    image.putInt(CODE + 36, (int) BASE + LONG_MODE).putShort(CODE + 40, (short) 8);
    put(image, LONG_MODE, "be").putInt(LONG_MODE + 1, (int) BASE + SCRIPT); // esi = script
    String loop =
        "4c8b1e" // r11 = [rsi]
            + "4d85db7424" // end of the script
            + "4c8b66084c8b6e104c8b76184c8b7e20" // r12 to r15
            + "4531d2b900fc000031c0" // r10 = 0, rcx = mask, rax = 0
            + "660f01cc" // tdcall
            + "4883c628ebd4" // next
            + "ebfe";
    put(image, LONG_MODE + 5, loop);
    int at = SCRIPT;
    for (long[] call : calls) {
      for (long word : call) {
        image.putLong(at, word);
        at += 8;
      }
    }
    put(image, SIZE - 16, "e9").putInt(SIZE - 15, CODE - (SIZE - 16) - 5);
    return Firmware.of("script", bytes(image));
  }

  /** An image with at most 16 bytes of 32-bit code at the reset vector. */
  static Firmware resetVector(String code) {
    ByteBuffer image = empty();
    put(image, SIZE - 16, code);
    return Firmware.of("vector", bytes(image));
  }

  private static byte[] bytes(ByteBuffer image) {
    byte[] bytes = new byte[SIZE];
    image.get(0, bytes);
    return bytes;
  }

  private static ByteBuffer put(ByteBuffer image, int at, String hex) {
    return image.put(at, HexFormat.of().parseHex(hex));
  }

  private static ByteBuffer empty() {
    ByteBuffer image = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    put(image, METADATA, "54445646").putInt(METADATA + 4, 16 + 3 * 32);
    image.putInt(METADATA + 8, 1).putInt(METADATA + 12, 3);
    section(image, 0, SIZE, BASE, SIZE, 0, 1);
    section(image, 1, 0, 0x809000, 0x2000, 2, 0);
    section(image, 2, 0, 0x800000, 0x1000, 3, 0);
    return image.putInt(SIZE - 0x20, SIZE - METADATA);
  }

  private static void section(
      ByteBuffer image, int index, int raw, long gpa, long size, int type, int attributes) {
    int at = METADATA + 16 + 32 * index;
    image.putInt(at, 0).putInt(at + 4, raw).putLong(at + 8, gpa).putLong(at + 16, size);
    image.putInt(at + 24, type).putInt(at + 28, attributes);
  }
}
