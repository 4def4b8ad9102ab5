package org.swtdx.fuzz.kvm;

import java.util.List;
import org.swtdx.fuzz.Choices;
import org.swtdx.kvm.UserMemory;
import org.swtdx.kvm.uapi.KvmCap;

/** Values for the fields of structures: mostly what fits, now and then anything. */
final class Values {
  private static final int CAPABILITIES = 256;
  private static final int MAX_ENTRIES = 6;

  private final Choices choices;
  private final List<Integer> files;
  private final UserMemory memory;
  private final long arguments;
  private final long ram;

  /**
   * Values for a process.
   *
   * @param files its open descriptors
   * @param arguments user address of its structures
   * @param ram user address of what it gives to guests
   */
  Values(Choices choices, List<Integer> files, UserMemory memory, long arguments, long ram) {
    this.choices = choices;
    this.files = files;
    this.memory = memory;
    this.arguments = arguments;
    this.ram = ram;
  }

  /** Writes a structure. */
  void put(long uaddr, Shapes.Shape shape) {
    memory.write(uaddr, new byte[64], 0, 64);
    putFields(uaddr, shape.fields());
    if (shape.stride() != 0) {
      int entries = choices.below(MAX_ENTRIES);
      boolean lies = choices.below(16) == 0;
      memory.store(uaddr, 4, lies ? choices.i32() : entries);
      for (int i = 0; i < entries; i++) {
        putFields(uaddr + shape.list() + (long) shape.stride() * i, shape.entry());
      }
    }
  }

  private void putFields(long uaddr, List<Kind.Field> fields) {
    for (Kind.Field field : fields) {
      memory.store(uaddr + field.offset(), field.bytes(), value(field.kind()));
    }
  }

  /** A value for a field. */
  long value(Kind kind) {
    int spice = choices.u8();
    if (spice >= 0xf8) {
      return choices.i64();
    }
    return switch (kind) {
      case ZERO -> 0;
      case SMALL -> spice & 7;
      case FLAGS -> spice < 128 ? 1L << (spice & 15) : spice & 0x1f;
      case ATTRIBUTES -> (spice & 1) << 3;
      case GPA -> gpa(spice);
      case RAM -> ram + 4096L * (spice & 0x7f);
      case SIZE ->
          spice >= 0xe0
              ? 4096L << (spice & 31)
              : choices.of(0x1000, 0x1000, 0x2000, 0x10000, 0x10_0000, 0x20_0000, 0);
      case POINTER -> arguments + 0x5000 + 64L * (spice & 63);
      case FILE, PRIVATE_FILE, EVENT -> files.get(spice % files.size());
      case CAPABILITY -> spice < 0xf0 ? capability(spice) : choices.u8();
      case MSR -> msr(spice);
      case NUMBER -> spice;
      case MESSAGE -> 0xfee0_0000L | (spice & 15) << 12 | spice >>> 4;
      case LEAF -> choices.of(0, 1, 7, 0xd, 0x8000_0001L, 0x8000_0008L, 0x4000_0001L, spice);
      case WORD -> word(spice);
    };
  }

  private static long gpa(int spice) {
    if (spice >= 0xe0) {
      return 1L << 12 + (spice & 31);
    }
    return switch (spice & 7) {
      case 0 -> 0xffff_f000L;
      case 1 -> 0xfee0_0000L;
      case 2 -> 0x20_0000L;
      case 3 -> 0xa_0000L;
      case 4 -> 0xd000_0000L;
      default -> 4096L * (spice >>> 3);
    };
  }

  private static long capability(int spice) {
    long[] enabled = {
      KvmCap.SPLIT_IRQCHIP,
      KvmCap.EXIT_HYPERCALL,
      KvmCap.X86_APIC_BUS_CYCLES_NS,
      KvmCap.X2APIC_API,
      KvmCap.X86_USER_SPACE_MSR,
      KvmCap.EXCEPTION_PAYLOAD,
      KvmCap.X86_TRIPLE_FAULT_EVENT,
      KvmCap.MSR_PLATFORM_INFO,
      KvmCap.MANUAL_DIRTY_LOG_PROTECT2,
      KvmCap.DIRTY_LOG_RING,
      KvmCap.DISABLE_QUIRKS2,
      KvmCap.MAX_VCPU_ID
    };
    return spice < 128 ? enabled[spice % enabled.length] : spice % CAPABILITIES;
  }

  private long msr(int spice) {
    return switch (spice & 7) {
      case 0 -> 0x4b56_4d00L + choices.below(16);
      case 1 -> 0x800 + choices.below(0x40);
      case 2 -> 0xc000_0080L + choices.below(8);
      case 3 -> 0xc000_0100L + choices.below(4);
      case 4 -> 0x400 + choices.u8();
      case 5 -> 0x1b;
      case 6 -> 0x6e0;
      default -> choices.u16();
    };
  }

  private long word(int spice) {
    return switch (spice & 3) {
      case 0 -> spice >>> 2;
      case 1 -> 1L << (spice >>> 2);
      case 2 -> (1L << (spice >>> 2)) - 1;
      default -> choices.i64();
    };
  }
}
