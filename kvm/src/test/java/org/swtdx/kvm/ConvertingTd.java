package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;

/**
 * A TD that converts memory. In round n each vCPU finds tag 3n of the host in shared memory, stores
 * 3n+1 in the private pages that it accepts, and 3n+2 in shared memory.
 */
final class ConvertingTd extends ConvertingGuest {
  private static final long FACTOR = 0x9e37_79b9_7f4a_7c15L;
  private static final long TAG_FACTOR = 0xd1b5_4a32_d192_ed03L;
  private static final long SEPT_VE_DISABLE = 1L << 28;
  private static final long ALIAS = 0x4000_0000L;
  private static final long ROM = 0xffff_f000L;
  private static final long LOW_BYTES = 0xa000;

  /** A private page that the guest has from the start and does not use. */
  static final long SPARE = 0x9000;

  private static final int PARAMETERS = 0x7000;
  private static final int PARAMETERS_SIZE = 128;
  private static final int TABLE = 0x67;
  private static final int LARGE = 0xe3;
  private static final long LARGE_SIZE = 1 << 21;

  /** What the vCPUs do: convert what is theirs, or count in all pages while the host converts. */
  enum Mode {
    CONVERT,
    COUNT
  }

  private final TestTd td;
  private final Mode mode;
  private final boolean discards;
  private final long piece;
  private final GuestMemfd file;
  private final long shared;

  /**
   * Builds the TD up to TDH.MR.FINALIZE.
   *
   * @param discards whether private pages that become shared are freed
   */
  ConvertingTd(TestHost machine, Shape shape, Mode mode, boolean discards) {
    this(machine, shape, mode, discards, shape.block());
  }

  /**
   * As above; if blocks are multiples of 2 MiB, the guest accepts pages of 2 MiB where there are.
   *
   * @param piece bytes of a block that the guest makes shared at once
   */
  ConvertingTd(TestHost machine, Shape shape, Mode mode, boolean discards, long piece) {
    this(TestTd.initialized(machine, SEPT_VE_DISABLE), shape, mode, discards, piece);
  }

  private ConvertingTd(TestTd td, Shape shape, Mode mode, boolean discards, long piece) {
    super(shape, td.process);
    this.td = td;
    this.mode = mode;
    this.discards = discards;
    this.piece = piece;
    for (int i = 0; i < shape.vcpus(); i++) {
      vcpus.add(td.addVcpu(i));
    }
    td.vcpu = vcpus.getFirst();
    long low = td.memory.mmap(LOW_BYTES);
    long rom = td.memory.mmap(4096);
    shared = td.memory.mmap(shape.bytes());
    file = td.file(shape.bytes());
    assertThat(td.slot(0, 0, LOW_BYTES, low, td.file(LOW_BYTES))).isZero();
    assertThat(td.slot(1, ROM, 4096, rom, td.file(4096))).isZero();
    assertThat(td.slot(2, REGION, shape.bytes(), shared, file)).isZero();
    assertThat(attributes(0, LOW_BYTES, KvmMemoryAttributes.PRIVATE)).isZero();
    assertThat(attributes(ROM, 4096, KvmMemoryAttributes.PRIVATE)).isZero();
    tables(low);
    for (int i = 0; i < shape.vcpus(); i++) {
      parameters(low + PARAMETERS + (long) PARAMETERS_SIZE * i, i);
      if (mode == Mode.CONVERT) {
        fill(i, 0);
      }
    }
    code(rom);
    assertThat(td.addRegion(td.region(rom, ROM, 1), 1)).isZero();
    assertThat(td.addRegion(td.region(low, 0, LOW_BYTES / 4096), 1)).isZero();
    assertThat(td.finalizeTd()).isZero();
  }

  private void tables(long low) {
    td.memory.store(low + 0x1000, 8, 0x2000 | TABLE);
    td.memory.store(low + 0x2000, 8, 0x3000 | TABLE);
    td.memory.store(low + 0x2008, 8, 0x4000 | TABLE);
    td.memory.store(low + 0x2010, 8, 0x5000 | TABLE);
    td.memory.store(low + 0x2018, 8, 0x8000 | TABLE);
    td.memory.store(low + 0x3000, 8, LARGE);
    td.memory.store(low + 0x8000 + 8 * 511, 8, 0xffe0_0000L | LARGE);
    for (int i = 0; i < 512; i++) {
      long gpa = REGION + ((long) i << 21);
      td.memory.store(low + 0x4000 + 8 * i, 8, gpa | LARGE);
      td.memory.store(low + 0x5000 + 8 * i, 8, TestTd.SHARED | gpa | LARGE);
    }
  }

  private void parameters(long at, int index) {
    boolean counts = mode == Mode.COUNT;
    long[] values = {
      counts ? 1 : 0,
      REGION + (counts ? 0 : index * shape.block()),
      shape.vcpus() * shape.block(),
      shape.block(),
      REGION + shape.bytes(),
      shape.rounds(),
      ALIAS,
      index,
      piece,
      shape.block() % LARGE_SIZE == 0 ? 1 : 0
    };
    for (int i = 0; i < values.length; i++) {
      td.memory.store(at + 8 * i, 8, values[i]);
    }
  }

  private void code(long rom) {
    byte[] code = GuestCode.TD_CONVERSION;
    td.memory.write(rom, code, 0, code.length);
    ByteBuffer gdt = ByteBuffer.allocate(30).order(ByteOrder.LITTLE_ENDIAN);
    gdt.putLong(0).putLong(0x00af_9b00_0000_ffffL).putLong(0x00cf_9300_0000_ffffL);
    gdt.putShort((short) 23).putInt(0xffff_ff00);
    td.memory.write(rom + 0xf00, gdt.array(), 0, 30);
    td.memory.store(rom + 0xff0, 1, 0xe9);
    td.memory.store(rom + 0xff1, 4, -0xff5);
  }

  @Override
  KvmVm vm() {
    return td.vm;
  }

  @Override
  long shared() {
    return shared;
  }

  @Override
  GuestMemfd file() {
    return file;
  }

  @Override
  boolean discards() {
    return discards;
  }

  @Override
  long pattern(long gpa, long tag) {
    return gpa * FACTOR + tag * TAG_FACTOR;
  }

  @Override
  boolean sharedAccessWaits(int index) {
    return mode == Mode.COUNT;
  }

  @Override
  void roundEnded(int index, int tag) {
    check(index, tag + 2);
    fill(index, tag + 3);
  }

  /** The count of a vCPU in a shared page. */
  long count(int index, long page) {
    return process.memory().load(shared + 4096 * page + 8 * index, 8);
  }
}
