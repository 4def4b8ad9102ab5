package org.swtdx.vmm.kernel;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.vmm.BootFile;
import org.swtdx.vmm.KernelBoot;
import org.swtdx.vmm.VmmException;

class KernelFormatTest {
  private static final long RAM = 64L << 20;
  private static final MemoryMap MEMORY =
      MemoryMap.of(RAM, 1L << 30, RAM - 0x2000, 0xf6000, 0xb0000000L, 1 << 28);

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer header(ByteBuffer b, int at, int flags) {
    return b.putInt(at, 0x1badb002).putInt(at + 4, flags).putInt(at + 8, -(0x1badb002 + flags));
  }

  /** A file with a multiboot header at 16 that loads at 1 MiB from offset 0. */
  private static ByteBuffer flat() {
    ByteBuffer b = header(buffer(0x100), 16, 0x10003);
    b.putInt(28, 0x100010).putInt(32, 0x100000).putInt(36, 0).putInt(40, 0x102000);
    return b.putInt(44, 0x100040).put(0xff, (byte) 0xcc);
  }

  /** An ELF file of 32 bits for i386 with one segment and a multiboot header in it. */
  private static ByteBuffer elf32(int machine) {
    ByteBuffer b = buffer(0x200);
    b.put(0, new byte[] {0x7f, 'E', 'L', 'F', 1, 1, 1});
    b.putShort(0x10, (short) 2).putShort(0x12, (short) machine).putInt(0x18, 0xc0100080);
    b.putInt(0x1c, 0x34).putShort(0x2a, (short) 0x20).putShort(0x2c, (short) 1);
    b.putInt(0x34, 1).putInt(0x38, 0x100).putInt(0x3c, 0xc0100000).putInt(0x40, 0x100000);
    b.putInt(0x44, 0x100).putInt(0x48, 0x3000);
    return header(b, 0x100, 3).put(0x180, (byte) 0xcc);
  }

  /** An ELF file of 64 bits with a PVH note. */
  private static ByteBuffer pvh() {
    ByteBuffer b = buffer(0x200);
    b.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    b.putShort(0x12, (short) 62).putLong(0x18, 0x1000000).putLong(0x20, 0x40);
    b.putShort(0x36, (short) 0x38).putShort(0x38, (short) 2);
    b.putInt(0x40, 1).putLong(0x48, 0x100).putLong(0x50, -1L << 31).putLong(0x58, 0x1000000);
    b.putLong(0x60, 0x40).putLong(0x68, 0x1000);
    b.putInt(0x78, 4).putLong(0x80, 0x180).putLong(0x98, 20).putLong(0xa0, 20);
    b.putInt(0x180, 4).putInt(0x184, 4).putInt(0x188, 18).putInt(0x18c, 0x006e6558);
    return b.putInt(0x190, 0x1000020);
  }

  /** A bzImage with one setup sector. */
  private static ByteBuffer linux() {
    ByteBuffer b = buffer(0x1000);
    b.put(0x1f1, (byte) 1).putShort(0x1fe, (short) 0xaa55).putShort(0x200, (short) 0x66eb);
    b.putInt(0x202, 0x53726448).putShort(0x206, (short) 0x20f).put(0x211, (byte) 1);
    b.putInt(0x22c, 0x7fffffff).putInt(0x238, 40).putInt(0x260, 0x10000);
    return b.put(0x400, (byte) 0xcc);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.limit()];
    buffer.get(0, bytes);
    return bytes;
  }

  private static KernelBoot boot(ByteBuffer file, BootFile... modules) {
    return new KernelBoot(BootFile.of("kernel", bytes(file)), List.of(modules), "a=1 b");
  }

  private static BootImage place(ByteBuffer file, BootFile... modules) throws VmmException {
    return KernelFormat.of(boot(file, modules)).place(MEMORY);
  }

  private static int load(BootImage image, long gpa) {
    return (int) load(image, gpa, 4);
  }

  private static long load(BootImage image, long gpa, int size) {
    for (BootImage.Piece piece : image.pieces()) {
      if (gpa >= piece.gpa() && gpa + size <= piece.end()) {
        ByteBuffer b = ByteBuffer.wrap(piece.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        int at = (int) (gpa - piece.gpa());
        return size == 1 ? b.get(at) : size == 4 ? b.getInt(at) : b.getLong(at);
      }
    }
    throw new AssertionError("nothing at 0x%x".formatted(gpa));
  }

  private static String text(BootImage image, long gpa) {
    StringBuilder text = new StringBuilder();
    for (long at = gpa; load(image, at, 1) != 0; at++) {
      text.append((char) load(image, at, 1));
    }
    return text.toString();
  }

  @Test
  void multibootKernelIsLoadedByItsAddressFields() throws VmmException {
    BootImage image = place(flat());

    assertThat(image.entry()).isEqualTo(0x100040);
    assertThat(load(image, 0x1000ff, 1)).isEqualTo((byte) 0xcc);
    assertThat(image.eax()).isEqualTo(0x2badb002);
    assertThat(image.ebx()).isEqualTo(0x9500);
    assertThat(image.codeSelector()).isEqualTo(8);
  }

  @Test
  void multibootInformationIsAsQemuLaysItOut() throws VmmException {
    BootFile first = BootFile.of("env x", "abc".getBytes(US_ASCII));
    BootImage image = place(flat(), first, BootFile.of("two", new byte[5000]));

    assertThat(load(image, 0x9500)).as("flags").isEqualTo(0x24f);
    assertThat(load(image, 0x9504)).as("lower").isEqualTo(639);
    assertThat(load(image, 0x9508)).as("upper").isEqualTo((int) ((RAM - 0x2000) / 1024 - 1024));
    assertThat(load(image, 0x950c)).as("device").isEqualTo(0x8000ffff);
    assertThat(text(image, load(image, 0x9510))).isEqualTo("kernel a=1 b");
    assertThat(text(image, load(image, 0x9540))).isEqualTo("qemu");
    assertThat(load(image, 0x9514)).as("modules").isEqualTo(2);
    int modules = load(image, 0x9518);
    assertThat(modules).isEqualTo(0x102000);
    assertThat(text(image, load(image, modules + 8))).isEqualTo("env x");
    int start = load(image, modules);
    assertThat(start % 4096).isZero();
    assertThat(load(image, start, 1)).isEqualTo('a');
    assertThat(load(image, modules + 4)).isEqualTo(start + 3);
    assertThat(load(image, modules + 16)).isEqualTo(start + 4096);
    assertThat(load(image, 0x9530)).as("map").isEqualTo(0x9000);
    int length = load(image, 0x952c);
    assertThat(length % 24).isZero();
    assertThat(load(image, 0x9000)).isEqualTo(20);
    assertThat(load(image, 0x9000 + 3 * 24 + 4, 8)).isEqualTo(1 << 20);
  }

  @Test
  void multibootElfIsLoadedByPhysicalAddresses() throws VmmException {
    BootImage image = place(elf32(3));

    assertThat(image.entry()).as("translated").isEqualTo(0x100080);
    assertThat(load(image, 0x100080, 1)).isEqualTo((byte) 0xcc);
    assertThat(load(image, 0x9518)).as("after the bss").isEqualTo(0x103000);
  }

  @Test
  void pvhKernelStartsAtItsNote() throws VmmException {
    BootImage image = place(pvh(), BootFile.of("disk", new byte[4097]));

    assertThat(image.entry()).isEqualTo(0x1000020);
    int info = image.ebx();
    assertThat(load(image, info)).isEqualTo(0x336ec578);
    assertThat(load(image, info + 12)).as("modules").isEqualTo(1);
    assertThat(load(image, load(image, info + 16) + 8, 8)).isEqualTo(4097);
    assertThat(text(image, load(image, info + 24))).isEqualTo("a=1 b");
    assertThat(load(image, info + 32)).isEqualTo(0xf6000);
    assertThat(load(image, info + 48)).isEqualTo(MEMORY.entries().size());
    assertThat(load(image, load(image, info + 40) + 3 * 24 + 16)).isEqualTo(1);
  }

  @Test
  void linuxKernelGetsItsZeroPage() throws VmmException {
    BootImage image = place(linux(), BootFile.of("initrd", new byte[5000]));

    assertThat(image.entry()).isEqualTo(0x100000);
    assertThat(image.codeSelector()).isEqualTo(0x10);
    assertThat(load(image, 0x100000, 1)).isEqualTo((byte) 0xcc);
    int zero = image.esi();
    assertThat(load(image, zero + 0x202)).isEqualTo(0x53726448);
    assertThat(load(image, zero + 0x210) & 0x80ff).isEqualTo(0x80b0);
    assertThat(text(image, load(image, zero + 0x228))).isEqualTo("a=1 b");
    assertThat(load(image, zero + 0x21c)).isEqualTo(5000);
    assertThat(load(image, zero + 0x218) % 4096).isZero();
    assertThat(load(image, zero + 0x1e8, 1)).isEqualTo(MEMORY.entries().size());
    assertThat(load(image, zero + 0x70, 8)).isEqualTo(0xf6000);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "none, neither a Linux bzImage nor a multiboot or PVH kernel",
    "wide, objcopy -O elf32-i386",
    "noElf, needs an ELF file",
    "loadEnd, load_end_addr reaches beyond the file",
    "headerAddress, header_addr and load_addr contradict",
    "bss, bss_end_addr lies before",
    "segment, segment 0 lies outside",
    "large, give it more with --memory",
    "noNote, neither a multiboot header nor a PVH note",
    "old, boot protocol before 2.03",
    "arguments, 'its arguments have 5 bytes, it takes 4'"
  })
  void brokenKernelsAreNamedInOneLine(String what, String words) {
    ByteBuffer file =
        switch (what) {
          case "none" -> buffer(9000);
          case "wide" -> elf32(62);
          case "noElf" -> header(buffer(0x100), 16, 3);
          case "loadEnd" -> flat().putInt(36, 0x100101);
          case "headerAddress" -> flat().putInt(28, 0x0fffff);
          case "bss" -> flat().putInt(40, 0x100001);
          case "segment" -> elf32(3).putInt(0x44, 0x101);
          case "large" -> flat().putInt(40, 0x10000000);
          case "noNote" -> pvh().putInt(0x188, 17);
          case "old" -> linux().putShort(0x206, (short) 0x202);
          default -> linux().putInt(0x238, 4);
        };

    assertThatThrownBy(() -> place(file))
        .isInstanceOf(VmmException.class)
        .hasMessageContaining(words)
        .hasMessageStartingWith("kernel: ")
        .hasMessageNotContaining("\n");
  }

  @Test
  void changedFilesNeverThrowAnythingElse() {
    Random random = new Random(11);
    ByteBuffer[] samples = {flat(), elf32(3), pvh(), linux()};
    for (int i = 0; i < 20_000; i++) {
      byte[] file = bytes(samples[i & 3]);
      for (int change = random.nextInt(4); change >= 0; change--) {
        file[random.nextInt(random.nextBoolean() ? 0x100 : file.length)] = (byte) random.nextInt();
      }
      int length = random.nextInt(4) == 0 ? random.nextInt(file.length) : file.length;
      ByteBuffer cut = ByteBuffer.wrap(java.util.Arrays.copyOf(file, length));
      try {
        for (BootImage.Piece piece : place(cut, BootFile.of("m", new byte[10])).pieces()) {
          assertThat(piece.gpa()).isBetween(0x1000L, RAM);
          assertThat(piece.end()).isLessThanOrEqualTo(RAM);
        }
      } catch (VmmException e) {
        assertThat(e.kind()).isEqualTo(VmmException.Cause.INPUT);
      }
    }
  }
}
