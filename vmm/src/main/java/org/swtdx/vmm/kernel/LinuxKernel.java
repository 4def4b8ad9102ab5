package org.swtdx.vmm.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.swtdx.vmm.BootFile;
import org.swtdx.vmm.KernelBoot;
import org.swtdx.vmm.VmmException;

/**
 * A Linux bzImage, started at its 32-bit entry point (Documentation/arch/x86/boot.rst), protocol
 * 2.03 or later.
 */
final class LinuxKernel implements KernelFormat {
  private static final int HEADER_MAGIC = 0x53726448; // "HdrS"
  private static final int MAGIC_AT = 0x202;
  private static final int VERSION_AT = 0x206;
  private static final int SETUP_SECTORS_AT = 0x1f1;
  private static final int HEADER_FROM = 0x1f1;
  private static final int SECTOR = 512;
  private static final int LEAST_VERSION = 0x203;
  private static final int LOADED_HIGH = 1;
  private static final int CAN_USE_HEAP = 0x80;
  private static final int LOADER_TYPE = 0xb0; // what QEMU says it is
  private static final int MAP_ENTRIES = 128;
  private static final long PARAMETERS = 0x10000;
  private static final long COMMAND_LINE = 0x20000;
  private static final int PAGE = 4096;
  private static final long KERNEL = 0x100000;
  private static final int CODE = 0x10;

  private final KernelBoot boot;
  private final byte[] file;

  private LinuxKernel(KernelBoot boot, byte[] file) {
    this.boot = boot;
    this.file = file;
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static boolean matches(byte[] file) {
    return file.length > 0x280 && littleEndian(file).getInt(MAGIC_AT) == HEADER_MAGIC;
  }

  /** Bytes of the boot sector and the real-mode part. */
  static int setupBytes(byte[] file) {
    int sectors = file[SETUP_SECTORS_AT] & 0xff;
    return ((sectors == 0 ? 4 : sectors) + 1) * SECTOR;
  }

  static LinuxKernel of(KernelBoot boot, byte[] file) throws VmmException {
    ByteBuffer b = littleEndian(file);
    BootFile name = boot.kernel();
    if (b.getShort(VERSION_AT) < LEAST_VERSION || (b.get(0x211) & LOADED_HIGH) == 0) {
      throw KernelFormat.invalid(
          name, "a Linux kernel with a boot protocol before 2.03, or a zImage");
    }
    if (setupBytes(file) >= file.length) {
      throw KernelFormat.invalid(name, "a Linux kernel that is cut off in its setup part");
    }
    if (boot.modules().size() > 1) {
      throw KernelFormat.invalid(name, "Linux takes one initial RAM disk, not several");
    }
    return new LinuxKernel(boot, file);
  }

  @Override
  public BootImage place(MemoryMap memory) throws VmmException {
    ByteBuffer header = littleEndian(file);
    byte[] kernel = Arrays.copyOfRange(file, setupBytes(file), file.length);
    boolean sizes = header.getShort(VERSION_AT) >= 0x20a;
    long needed = sizes ? Integer.toUnsignedLong(header.getInt(0x260)) : kernel.length;
    long end = KERNEL + Math.max(needed, kernel.length);
    KernelFormat.checkFits(boot, KERNEL, end, memory);
    byte[] arguments = (boot.commandLine() + "\0").getBytes(UTF_8);
    int room = sizes ? header.getInt(0x238) : 255;
    if (arguments.length - 1 > room) {
      throw KernelFormat.invalid(
          boot.kernel(),
          "its arguments have " + (arguments.length - 1) + " bytes, it takes " + room);
    }
    byte[] page = new byte[PAGE];
    ByteBuffer zero = littleEndian(page);
    fillParameters(zero, memory);
    List<BootImage.Piece> pieces = new ArrayList<>();
    pieces.add(new BootImage.Piece(KERNEL, kernel));
    pieces.add(new BootImage.Piece(COMMAND_LINE, arguments));
    if (!boot.modules().isEmpty()) {
      pieces.add(ramDisk(memory, zero, end));
    }
    pieces.add(new BootImage.Piece(PARAMETERS, page));
    return new BootImage(pieces, KERNEL, CODE, 0, 0, (int) PARAMETERS);
  }

  /** The zero page: the header from the file, what a loader fills in, and the memory map. */
  private void fillParameters(ByteBuffer zero, MemoryMap memory) {
    int headerEnd = Math.min(0x202 + (file[0x201] & 0xff), 0x290);
    zero.put(HEADER_FROM, file, HEADER_FROM, headerEnd - HEADER_FROM);
    zero.put(0x210, (byte) LOADER_TYPE);
    zero.put(0x211, (byte) (zero.get(0x211) | CAN_USE_HEAP));
    zero.putShort(0x224, (short) 0xfe00);
    zero.putInt(0x228, (int) COMMAND_LINE);
    zero.putLong(0x70, memory.rsdp());
    byte[] map = memory.encode(0, 0);
    zero.put(0x1e8, (byte) Math.min(memory.entries().size(), MAP_ENTRIES));
    zero.put(0x2d0, map, 0, Math.min(map.length, 20 * MAP_ENTRIES));
  }

  /** The initial RAM disk, as high as the kernel and RAM allow. */
  private BootImage.Piece ramDisk(MemoryMap memory, ByteBuffer zero, long kernelEnd)
      throws VmmException {
    BootFile disk = boot.modules().getFirst();
    long limit = Integer.toUnsignedLong(zero.getInt(0x22c));
    long top = Math.min(memory.usableEnd(), limit == 0 ? 0x38000000L : limit + 1);
    long at = top - disk.size() & -PAGE;
    if (at < kernelEnd) {
      throw KernelFormat.invalid(
          disk, "doesn't fit between the kernel and the end of RAM; give it more with --memory");
    }
    zero.putInt(0x218, (int) at).putInt(0x21c, disk.size());
    return new BootImage.Piece(at, disk.bytes());
  }
}
