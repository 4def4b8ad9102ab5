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
 * A multiboot kernel (Multiboot Specification 0.6.96): an ELF file for i386, which may hold 64-bit
 * code, or any file whose header has address fields. Information stands where QEMU puts it.
 */
final class MultibootKernel implements KernelFormat {
  private static final int HEADER_MAGIC = 0x1badb002;
  private static final int LOADER_MAGIC = 0x2badb002;
  private static final int SEARCHED = 8192;
  private static final int HEADER_BYTES = 48;
  private static final int HAS_ADDRESSES = 1 << 16;
  private static final int PAGE = 4096;
  private static final long MAP = 0x9000;
  private static final long INFORMATION = 0x9500;
  private static final int INFORMATION_BYTES = 88;
  private static final int INFORMATION_FLAGS =
      0x24f; // memory, device, arguments, modules, map, name
  private static final int BOOT_DEVICE = 0x8000ffff;
  private static final int MODULE_BYTES = 16;
  private static final int LOW_KIB = 639;
  private static final String LOADER = "qemu";
  private static final int CODE = 8;

  private final KernelBoot boot;
  private final List<BootImage.Piece> pieces;
  private final long start;
  private final long end;
  private final long entry;

  private MultibootKernel(
      KernelBoot boot, List<BootImage.Piece> pieces, long start, long end, long entry) {
    this.boot = boot;
    this.pieces = pieces;
    this.start = start;
    this.end = end;
    this.entry = entry;
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Offset of the header in the file, or -1. */
  static int findHeader(byte[] file) {
    ByteBuffer b = littleEndian(file);
    int limit = Math.min(SEARCHED - HEADER_BYTES, file.length - 12);
    for (int at = 0; at <= limit; at += 4) {
      if (b.getInt(at) == HEADER_MAGIC && b.getInt(at) + b.getInt(at + 4) + b.getInt(at + 8) == 0) {
        return at;
      }
    }
    return -1;
  }

  static MultibootKernel of(KernelBoot boot, byte[] file, int header) throws VmmException {
    boolean addresses = (littleEndian(file).getInt(header + 4) & HAS_ADDRESSES) != 0;
    return addresses ? byAddresses(boot, file, header) : byElf(boot, file);
  }

  private static MultibootKernel byElf(KernelBoot boot, byte[] file) throws VmmException {
    BootFile name = boot.kernel();
    if (!ElfFile.matches(file)) {
      throw KernelFormat.invalid(
          name, "a multiboot header without address fields needs an ELF file");
    }
    ElfFile elf = ElfFile.parse(name, file);
    if (elf.machine() == ElfFile.MACHINE_X86_64) {
      throw KernelFormat.invalid(
          name,
          "multiboot loads ELF files for i386; convert it with objcopy -O elf32-i386, its code may"
              + " stay 64-bit");
    }
    if (elf.machine() != ElfFile.MACHINE_386 || elf.isEmpty()) {
      throw KernelFormat.invalid(name, "an ELF file for another machine, or with nothing to load");
    }
    return new MultibootKernel(boot, elf.pieces(), elf.low(), elf.high(), elf.entry());
  }

  private static MultibootKernel byAddresses(KernelBoot boot, byte[] file, int header)
      throws VmmException {
    BootFile name = boot.kernel();
    if (file.length - header < 32) {
      throw KernelFormat.invalid(name, "its multiboot header is cut off");
    }
    long[] field = new long[5];
    for (int i = 0; i < field.length; i++) {
      field[i] = Integer.toUnsignedLong(littleEndian(file).getInt(header + 12 + 4 * i));
    }
    long load = field[1];
    long offset = header - (field[0] - load);
    long loadEnd = field[2] == 0 ? load + file.length - offset : field[2];
    long bssEnd = field[3] == 0 ? loadEnd : field[3];
    if (field[0] < load || offset < 0) {
      throw KernelFormat.invalid(name, "multiboot header_addr and load_addr contradict its place");
    }
    if (loadEnd < load || offset + (loadEnd - load) > file.length) {
      throw KernelFormat.invalid(name, "multiboot load_end_addr reaches beyond the file");
    }
    if (bssEnd < loadEnd) {
      throw KernelFormat.invalid(name, "multiboot bss_end_addr lies before load_end_addr");
    }
    byte[] text = Arrays.copyOfRange(file, (int) offset, (int) (offset + loadEnd - load));
    return new MultibootKernel(
        boot, List.of(new BootImage.Piece(load, text)), load, bssEnd, field[4]);
  }

  private static long align(long address) {
    return address + PAGE - 1 & -PAGE;
  }

  @Override
  public BootImage place(MemoryMap memory) throws VmmException {
    List<BootFile> modules = boot.modules();
    List<BootImage.Piece> all = new ArrayList<>(pieces);
    long table = align(end);
    long texts = table + (long) MODULE_BYTES * modules.size();
    String arguments = boot.kernel().name() + " " + boot.commandLine();
    StringBuilder strings = new StringBuilder();
    long[] moduleNames = new long[modules.size()];
    for (int i = 0; i < moduleNames.length; i++) {
      moduleNames[i] = texts + append(strings, modules.get(i).name());
    }
    final long commandLine = texts + append(strings, arguments);
    final long loader = texts + append(strings, LOADER);
    byte[] stringBytes = strings.toString().getBytes(UTF_8);
    all.add(new BootImage.Piece(texts, stringBytes));
    ByteBuffer list = ByteBuffer.allocate(MODULE_BYTES * modules.size());
    list.order(ByteOrder.LITTLE_ENDIAN);
    long at = align(texts + stringBytes.length);
    for (int i = 0; i < moduleNames.length; i++) {
      BootFile module = modules.get(i);
      list.putInt((int) at).putInt((int) at + module.size()).putInt((int) moduleNames[i]).putInt(0);
      all.add(new BootImage.Piece(at, module.bytes()));
      at = align(at + module.size());
    }
    all.add(new BootImage.Piece(table, list.array()));
    KernelFormat.checkFits(boot, start, at, memory);
    byte[] map = memory.encode(4, 0);
    List<BootImage.Piece> ordered = new ArrayList<>(); // a kernel may cover what it doesn't want
    ordered.add(new BootImage.Piece(MAP, map));
    ordered.add(
        new BootImage.Piece(
            INFORMATION, information(memory, map.length, commandLine, loader, table)));
    ordered.addAll(all);
    return new BootImage(ordered, entry, CODE, LOADER_MAGIC, (int) INFORMATION, 0);
  }

  /** Appends a string with its terminator; returns its offset in UTF-8 bytes. */
  private static int append(StringBuilder strings, String text) {
    int offset = strings.toString().getBytes(UTF_8).length;
    strings.append(text).append('\0');
    return offset;
  }

  private byte[] information(
      MemoryMap memory, int mapBytes, long commandLine, long loader, long table) {
    ByteBuffer b = ByteBuffer.allocate(INFORMATION_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(INFORMATION_FLAGS).putInt(LOW_KIB);
    b.putInt((int) (memory.usableEnd() - (1 << 20) >>> 10)).putInt(BOOT_DEVICE);
    b.putInt((int) commandLine).putInt(boot.modules().size()).putInt((int) table);
    b.putInt(44, mapBytes).putInt(48, (int) MAP).putInt(64, (int) loader);
    return b.array();
  }
}
