package org.swtdx.cpu.core;

import java.util.Arrays;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.fpu.FpuState;
import org.swtdx.memory.seam.NativeAccess;

/**
 * The register file and the memory face of one guest processor, as instruction handlers use them.
 * One thread at a time, except {@link #requestAttention}.
 */
public final class Core {
  /** Index in {@link #gpr} of a register that is always zero; no operand names it. */
  public static final int ZERO = 16;

  /** CR0 bits. */
  public static final long CR0_PE = 1,
      CR0_MP = 2,
      CR0_EM = 4,
      CR0_TS = 8,
      CR0_NE = 0x20,
      CR0_WP = 1L << 16,
      CR0_AM = 1L << 18,
      CR0_PG = 1L << 31;

  /** CR4 bits. */
  public static final long CR4_PSE = 0x10,
      CR4_PAE = 0x20,
      CR4_UMIP = 1L << 11,
      CR4_LA57 = 1L << 12,
      CR4_SMEP = 1L << 20,
      CR4_SMAP = 1L << 21;

  /** EFER bits. */
  public static final long EFER_SCE = 1,
      EFER_LME = 1L << 8,
      EFER_LMA = 1L << 10,
      EFER_NXE = 1L << 11;

  /** Exception vectors. */
  public static final int DE = 0,
      DB = 1,
      BP = 3,
      OF = 4,
      BR = 5,
      UD = 6,
      NM = 7,
      DF = 8,
      TS = 10,
      NP = 11,
      SS = 12,
      GP = 13,
      PF = 14,
      MF = 16,
      AC = 17,
      MC = 18,
      XM = 19,
      VE = 20;

  /** General-purpose registers by encoding; element {@link #ZERO} stays zero. */
  public final long[] gpr = new long[17];

  /** Vector registers: YMM n is elements 4n (bits 63:0) to 4n+3 (bits 255:192). */
  public final long[] vec = new long[64];

  /** MXCSR. */
  public int mxcsr = 0x1f80;

  /** The x87 FPU's registers. */
  public final FpuState fpu = new FpuState();

  /** Memory operands of vector instructions on their way in; used within one instruction. */
  public final long[] vectorScratch = new long[8];

  /** Instruction pointer; see {@link Handler#execute} for when it is current. */
  public long rip;

  /** Status flags, lazily computed; control flags as set. */
  public final Flags flags = new Flags();

  /** Visible selectors, indexed as in {@link org.swtdx.cpu.SegmentRegister}. */
  public final int[] selector = new int[8];

  /** Segment bases as loaded. */
  public final long[] segmentBase = new long[8];

  /** Segment limits in bytes. */
  public final int[] segmentLimit = new int[8];

  /** Access rights in VMCS format; see {@link org.swtdx.cpu.SegmentRegister}. */
  public final int[] accessRights = new int[8];

  /** Bases added to offsets: {@link #segmentBase}, or 0 where 64-bit mode ignores it. */
  public final long[] effectiveBase = new long[8];

  /** Bit n set: accesses through segment n need limit and type checks. */
  public int checkedSegments;

  /** Control registers. CR8 is with the virtual APIC. */
  public long cr0, cr2, cr3, cr4;

  /** IA32_EFER, XCR0 and IA32_XSS. */
  public long efer, xcr0 = 1, xss;

  /** GDTR and IDTR bases. */
  public long gdtBase, idtBase;

  /** GDTR and IDTR limits. */
  public int gdtLimit, idtLimit;

  /** Debug registers; 4 and 5 are unused. */
  public final long[] dr = new long[8];

  /** Current privilege level. Call {@link #modeChanged} after a change. */
  public int cpl;

  /** Whether in 64-bit mode. Derived by {@link #modeChanged}. */
  public boolean code64;

  /** Default code size in bits: 16, 32 or 64. Derived by {@link #modeChanged}. */
  public int codeSize = 16;

  /** Mask of the stack pointer: 0xffff, 0xffffffff or all ones. Derived. */
  public long stackMask = 0xffff;

  /** Counts what makes cached decoded code invalid to use without a look: see ModeTracker. */
  public int codeContext;

  /** Advanced whenever a cached linear-to-physical translation of code may be out of date. */
  public int codeEpoch;

  /** Advanced where stores of others to code must be noticed; for frames that are lent. */
  public int codeLook;

  /** {@link #codeContext} in the upper half, {@link #codeEpoch} in the lower. */
  public long codeKey;

  /** Two quadwords for the use of one instruction. */
  public final long[] pair = new long[2];

  /** Which pages may hold cached code: one bit per linear page number modulo 4096. */
  public final long[] codePages = new long[64];

  /** Instructions retired. */
  public long instructions;

  /**
   * The executor's bound for the current block. 0 ends the block after the current instruction,
   * continuing at the next one; -1 ends it with {@link #rip} already set.
   */
  public int blockLimit;

  /** Whether repeated string instructions must stop after each iteration. */
  public boolean singleStep;

  /** Set when something must be looked at on the next block boundary. Any thread may set it. */
  public volatile boolean attention;

  /** Vector of the pending fault, or -1. */
  public int faultVector = -1;

  /** Error code of the pending fault, or -1 for none. */
  public int faultErrorCode = -1;

  /** Whether the pending fault is a non-canonical address: #SS when the stack segment was used. */
  public boolean faultNonCanonical;

  /** The instruction that left with {@link GuestFault}; its rip is where execution stands. */
  public Insn faultInsn = Insn.NOTHING;

  /** The data TLB in use, one of {@link #tlbs}; layout in {@link Tlb}. */
  public long[] tlb;

  /** The TLBs by {@link Tlb#SUPERVISOR} and its siblings. */
  public final long[][] tlbs = {Tlb.create(), Tlb.create(), Tlb.create(), Tlb.create()};

  /** What answers accesses that the TLB cannot. */
  public final MemoryPort memory;

  /** Time and entropy. */
  public final Environment environment;

  private final ModeTracker modes = new ModeTracker();

  /**
   * Creates a core with all registers zero.
   *
   * @param memory what answers TLB misses
   * @param environment time and entropy
   */
  public Core(MemoryPort memory, Environment environment) {
    this.memory = memory;
    this.environment = environment;
    tlb = tlbs[Tlb.SUPERVISOR_ANY];
  }

  /** RFLAGS, everything materialised. */
  public long getFlags() {
    return flags.get();
  }

  /** Sets RFLAGS without privilege checks; reserved bits are forced. */
  public void setFlags(long value) {
    long changed = flags.control ^ value;
    flags.set(value);
    if ((changed & (Flags.AC | Flags.VM)) != 0) {
      modeChanged();
    }
  }

  /**
   * Recomputes everything derived from CR0, CR4, EFER, CPL, RFLAGS.AC/VM and the segment registers.
   * Must be called after a change to any of them by an instruction that ends its block.
   */
  public void modeChanged() {
    modes.update(this);
  }

  /** Asks the running thread to look at the next block boundary. Any thread. */
  public void requestAttention() {
    attention = true;
  }

  /** Told by the memory port that a store reached code: the block ends after this instruction. */
  public void codeWritten() {
    endBlock();
  }

  /** Ends the current block after the instruction being executed. */
  public void endBlock() {
    if (blockLimit > 0) {
      blockLimit = 0;
    }
  }

  /** Ends the current block with {@code insn} to be executed again (interrupted REP). */
  public void repeat(Insn insn) {
    rip = insn.rip;
    blockLimit = -1;
  }

  /** Linear address of a memory operand, segment base added, limit and type checked for size. */
  public long address(Insn insn, int size, boolean write) {
    long offset = effectiveAddress(insn);
    int segment = insn.segment;
    if ((checkedSegments >> segment & 1) != 0) {
      return Segmentation.check(this, segment, offset, size, write);
    }
    return offset + effectiveBase[segment];
  }

  /** Linear address of {@code offset} in {@code segment}, limit and type checked for size. */
  public long address(int segment, long offset, int size, boolean write) {
    if ((checkedSegments >> segment & 1) != 0) {
      return Segmentation.check(this, segment, offset, size, write);
    }
    return offset + effectiveBase[segment];
  }

  /** Whether all of {@code size} bytes from an offset are inside a segment's limit. */
  public boolean holds(int segment, long offset, int size) {
    return (checkedSegments >> segment & 1) == 0
        || Segmentation.within(this, segment, offset, size);
  }

  /** Effective address (offset) of a memory operand, as LEA computes it. */
  public long effectiveAddress(Insn insn) {
    long[] r = gpr;
    return (r[insn.base] + (r[insn.index] << insn.scale) + insn.displacement) & insn.addressMask;
  }

  /** Loads a byte at a linear address, zero-extended, with the current privilege. */
  public int load8(long linear) {
    long[] t = tlb;
    int i = Tlb.index(linear);
    if ((linear & Tlb.PAGE) == t[i]) {
      return NativeAccess.load8(linear + t[i + Tlb.ADDEND]);
    }
    return (int) memory.load(this, linear, 1);
  }

  /** Loads two bytes, zero-extended. */
  public int load16(long linear) {
    long[] t = tlb;
    int i = Tlb.index(linear);
    if (((linear + 1) & Tlb.PAGE) == t[i]) {
      return NativeAccess.load16(linear + t[i + Tlb.ADDEND]);
    }
    return (int) memory.load(this, linear, 2);
  }

  /** Loads four bytes. */
  public int load32(long linear) {
    long[] t = tlb;
    int i = Tlb.index(linear);
    if (((linear + 3) & Tlb.PAGE) == t[i]) {
      return NativeAccess.load32(linear + t[i + Tlb.ADDEND]);
    }
    return (int) memory.load(this, linear, 4);
  }

  /** Loads eight bytes. */
  public long load64(long linear) {
    long[] t = tlb;
    int i = Tlb.index(linear);
    if (((linear + 7) & Tlb.PAGE) == t[i]) {
      return NativeAccess.load64(linear + t[i + Tlb.ADDEND]);
    }
    return memory.load(this, linear, 8);
  }

  /** Stores a byte. */
  public void store8(long linear, int value) {
    long[] t = tlb;
    int i = Tlb.index(linear);
    if ((linear & Tlb.PAGE) == t[i + Tlb.WRITE]) {
      NativeAccess.store8(linear + t[i + Tlb.ADDEND], value);
    } else {
      memory.store(this, linear, 1, value);
    }
  }

  /** Stores two bytes. */
  public void store16(long linear, int value) {
    long[] t = tlb;
    int i = Tlb.index(linear);
    if (((linear + 1) & Tlb.PAGE) == t[i + Tlb.WRITE]) {
      NativeAccess.store16(linear + t[i + Tlb.ADDEND], value);
    } else {
      memory.store(this, linear, 2, value);
    }
  }

  /** Stores four bytes. */
  public void store32(long linear, int value) {
    long[] t = tlb;
    int i = Tlb.index(linear);
    if (((linear + 3) & Tlb.PAGE) == t[i + Tlb.WRITE]) {
      NativeAccess.store32(linear + t[i + Tlb.ADDEND], value);
    } else {
      memory.store(this, linear, 4, value);
    }
  }

  /** Stores eight bytes. */
  public void store64(long linear, long value) {
    long[] t = tlb;
    int i = Tlb.index(linear);
    if (((linear + 7) & Tlb.PAGE) == t[i + Tlb.WRITE]) {
      NativeAccess.store64(linear + t[i + Tlb.ADDEND], value);
    } else {
      memory.store(this, linear, 8, value);
    }
  }

  /** Loads {@code size} (1, 2, 4, 8) bytes, zero-extended. */
  public long load(long linear, int size) {
    return switch (size) {
      case 1 -> load8(linear);
      case 2 -> load16(linear);
      case 4 -> load32(linear) & 0xffffffffL;
      default -> load64(linear);
    };
  }

  /** Stores the low {@code size} (1, 2, 4, 8) bytes of {@code value}. */
  public void store(long linear, int size, long value) {
    switch (size) {
      case 1 -> store8(linear, (int) value);
      case 2 -> store16(linear, (int) value);
      case 4 -> store32(linear, (int) value);
      default -> store64(linear, value);
    }
  }

  /** Loads {@code size} bytes, zero-extended, of an operand that is written back afterwards. */
  public long loadForUpdate(long linear, int size) {
    probeWrite(linear, size);
    return load(linear, size);
  }

  /**
   * Checks that {@code size} bytes at {@code linear} can be written, faulting as the write would;
   * for stores of several parts that must happen as a whole or not at all.
   */
  public void probeWrite(long linear, int size) {
    int i = Tlb.index(linear);
    if (((linear + size - 1) & Tlb.PAGE) != tlb[i + Tlb.WRITE]) {
      memory.probe(this, linear, size, true);
    }
  }

  /** Checks that {@code size} bytes at {@code linear} can be read, faulting as the read would. */
  public void probeRead(long linear, int size) {
    int i = Tlb.index(linear);
    if (((linear + size - 1) & Tlb.PAGE) != tlb[i]) {
      memory.probe(this, linear, size, false);
    }
  }

  /** Native address of a byte to be read, or {@link MemoryPort#NO_NATIVE}. */
  public long nativeForRead(long linear) {
    int i = Tlb.index(linear);
    return (linear & Tlb.PAGE) == tlb[i]
        ? linear + tlb[i + Tlb.ADDEND]
        : memory.nativeAddress(this, linear, false);
  }

  /**
   * Native address of {@code size} bytes to be written, faulting as the write would; {@link
   * MemoryPort#NO_NATIVE} when they have none or cross a page.
   */
  public long nativeForWrite(long linear, int size) {
    int i = Tlb.index(linear);
    if (((linear + size - 1) & Tlb.PAGE) == tlb[i + Tlb.WRITE]) {
      return linear + tlb[i + Tlb.ADDEND];
    }
    memory.probe(this, linear, size, true);
    boolean onePage = (int) (linear & 4095) + size <= 4096;
    return onePage ? memory.nativeAddress(this, linear, true) : MemoryPort.NO_NATIVE;
  }

  /**
   * Atomically replaces {@code size} (1, 2, 4, 8) bytes by {@code value} if they equal {@code
   * expected}, as a LOCK-prefixed instruction does; both zero-extended.
   *
   * @return the bytes found, zero-extended; equal to {@code expected} exactly when replaced
   */
  public long compareExchange(long linear, int size, long expected, long value) {
    return LockedAccess.compareExchange(this, linear, size, expected, value);
  }

  /**
   * CMPXCHG16B's access: replaces 16 bytes by {@code high:low} if they equal {@code
   * expectedThenFound}, which then holds what was found (low quadword first).
   */
  public boolean compareExchange128(long linear, long[] expectedThenFound, long low, long high) {
    return LockedAccess.compareExchange128(this, linear, expectedThenFound, low, high);
  }

  /** Makes cached code confirm the translation of its pages before it runs again. */
  public void advanceCodeEpoch() {
    codeEpoch++;
    codeKey = (long) codeContext << 32 | codeEpoch & 0xffffffffL;
  }

  /**
   * From here on, code that programs outside stored before is executed. On a processor that is so
   * after anything that serializes; here after every VM entry, event, IRET and TLB flush.
   */
  public void noticeForeignCode() {
    codeLook++;
  }

  /** Drops every cached translation. */
  public void flushTlb() {
    for (long[] t : tlbs) {
      Tlb.clear(t);
    }
    Arrays.fill(codePages, 0);
    advanceCodeEpoch();
  }

  /** Drops the cached translations of the page that holds {@code linear}. */
  public void flushTlbPage(long linear) {
    for (long[] t : tlbs) {
      Tlb.clear(t, linear);
    }
    long page = linear >>> 12;
    if ((codePages[(int) (page >>> 6) & 63] >>> page & 1) != 0) {
      advanceCodeEpoch();
    }
  }

  /** Raises an exception without an error code; does not return. */
  public GuestFault raise(int vector) {
    throw raise(vector, -1);
  }

  /** Raises an exception with an error code, or with none when it is -1; does not return. */
  public GuestFault raise(int vector, int errorCode) {
    faultVector = vector;
    faultErrorCode = errorCode;
    faultNonCanonical = false;
    throw GuestFault.INSTANCE;
  }

  /** Raises #GP(0), or #SS(0) if the instruction used the stack segment; does not return. */
  public GuestFault raiseNonCanonical() {
    faultVector = GP;
    faultErrorCode = 0;
    faultNonCanonical = true;
    throw GuestFault.INSTANCE;
  }
}
