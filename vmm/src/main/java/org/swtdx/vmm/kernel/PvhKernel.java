package org.swtdx.vmm.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.swtdx.vmm.BootFile;
import org.swtdx.vmm.KernelBoot;
import org.swtdx.vmm.VmmException;

/** An ELF kernel with a PVH entry point (Xen's docs/misc/pvh.pandoc, hvm_start_info version 1). */
final class PvhKernel implements KernelFormat {
  private static final int MAGIC = 0x336ec578;
  private static final long START_INFO = 0x9000;
  private static final long MODULES = 0x9100;
  private static final long MAP = 0x9200;
  private static final long COMMAND_LINE = 0x20000;
  private static final int COMMAND_LINE_LIMIT = 0x10000;
  private static final int PAGE = 4096;
  private static final int CODE = 8;

  private final KernelBoot boot;
  private final ElfFile elf;
  private final long entry;

  private PvhKernel(KernelBoot boot, ElfFile elf, long entry) {
    this.boot = boot;
    this.elf = elf;
    this.entry = entry;
  }

  static PvhKernel of(KernelBoot boot, byte[] file) throws VmmException {
    ElfFile elf = ElfFile.parse(boot.kernel(), file);
    OptionalLong entry = elf.pvhEntry();
    if (entry.isEmpty() || elf.isEmpty()) {
      throw KernelFormat.invalid(
          boot.kernel(), "an ELF file with neither a multiboot header nor a PVH note");
    }
    if (boot.modules().size() > 1) {
      throw KernelFormat.invalid(boot.kernel(), "takes one initial RAM disk, not several");
    }
    return new PvhKernel(boot, elf, entry.getAsLong());
  }

  @Override
  public BootImage place(MemoryMap memory) throws VmmException {
    KernelFormat.checkFits(boot, elf.low(), elf.high(), memory);
    List<BootImage.Piece> pieces = new ArrayList<>(elf.pieces());
    ByteBuffer info = ByteBuffer.allocate(56).order(ByteOrder.LITTLE_ENDIAN);
    info.putInt(MAGIC).putInt(1).putInt(0).putInt(boot.modules().size());
    info.putLong(boot.modules().isEmpty() ? 0 : MODULES).putLong(COMMAND_LINE);
    info.putLong(memory.rsdp()).putLong(MAP).putInt(memory.entries().size());
    if (!boot.modules().isEmpty()) {
      BootFile disk = boot.modules().getFirst();
      long at = memory.usableEnd() - disk.size() & -PAGE;
      KernelFormat.checkFits(boot, elf.low(), elf.high() + disk.size() + PAGE, memory);
      ByteBuffer module = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
      module.putLong(at).putLong(disk.size());
      pieces.add(new BootImage.Piece(MODULES, module.array()));
      pieces.add(new BootImage.Piece(at, disk.bytes()));
    }
    byte[] arguments = (boot.commandLine() + "\0").getBytes(UTF_8);
    if (arguments.length > COMMAND_LINE_LIMIT) {
      throw KernelFormat.invalid(boot.kernel(), "its arguments have more than 65535 bytes");
    }
    pieces.add(new BootImage.Piece(COMMAND_LINE, arguments));
    pieces.add(new BootImage.Piece(MAP, memory.encode(0, 4)));
    pieces.add(new BootImage.Piece(START_INFO, info.array()));
    return new BootImage(pieces, entry, CODE, 0, (int) START_INFO, 0);
  }
}
