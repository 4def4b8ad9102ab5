package org.swtdx.cpu.system;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.EptFault;
import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Platform;
import org.swtdx.cpu.Processor;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.testkit.FixedEnvironment;
import org.swtdx.events.PlatformEvents;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.HostView;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;

/**
 * A processor with 16 MiB of memory mapped one to one, a GDT, an IDT whose handlers exit with
 * VMCALL, and page tables; entered in the mode that a test wants.
 */
final class GuestMachine implements AutoCloseable {
  static final long SIZE = 16 << 20;
  static final int CODE = 0x10000;
  static final int STACK = 0x30000;
  static final int DATA = 0x40000;
  static final int GDT = 0x1000;
  static final int IDT = 0x2000;
  static final int TSS = 0x3000;
  static final int HANDLERS = 0x4000;
  static final int INNER_STACK = 0x38000;
  static final int IST_STACK = 0x3c000;
  static final int TABLES = 0x100000;

  /** Selectors of the GDT. */
  static final int CODE64 = 0x08, DATA0 = 0x10, CODE32 = 0x18, USER_DATA = 0x23, USER_CODE64 = 0x2b;

  /** More selectors. */
  static final int USER_CODE32 = 0x33, TASK = 0x38, CODE16 = 0x48, FREE = 0x50;

  /** Accesses that do not translate, by page and access. */
  final Map<Long, EptFault> faults = new ConcurrentHashMap<>();

  private final Map<Long, Integer> faultAccess = new ConcurrentHashMap<>();
  private final Map<Long, Long> redirections = new ConcurrentHashMap<>();
  final PhysicalMemory memory;
  final Platform platform;
  final Processor processor;
  final LogicalProcessor lp;

  GuestMachine() {
    memory =
        PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), SIZE)));
    platform = new Platform(memory, new FixedEnvironment(), new PlatformEvents(), 1, 2);
    lp = platform.processors().getFirst();
    processor = new Processor(platform, this::translate);
    tables();
  }

  private long translate(long gpa, int access, EptFault fault) {
    Long elsewhere = redirections.get(gpa >>> 12);
    if (elsewhere != null) {
      return elsewhere | gpa & 0xfff;
    }
    EptFault planned = faults.get(gpa >>> 12);
    if (planned == null || (faultAccess.getOrDefault(gpa >>> 12, 7) & access) == 0) {
      return gpa;
    }
    fault.misconfiguration = planned.misconfiguration;
    fault.convertible = planned.convertible;
    fault.permissions = planned.permissions;
    fault.qualification = planned.qualification;
    return GuestPhysicalMap.FAULT;
  }

  /** Makes a page fault at the second level for the given accesses. */
  EptFault refuse(long gpa, int access) {
    EptFault fault = new EptFault();
    faults.put(gpa >>> 12, fault);
    faultAccess.put(gpa >>> 12, access);
    return fault;
  }

  /** Maps the page of {@code gpa} to another keyed host address. */
  void redirect(long gpa, long keyed) {
    redirections.put(gpa >>> 12, keyed);
  }

  HostView host() {
    return memory.host();
  }

  CpuState state() {
    return processor.state();
  }

  void write64(long at, long value) {
    host().write64(new Hpa(at), value);
  }

  long read64(long at) {
    return host().read64(new Hpa(at));
  }

  int read32(long at) {
    return host().read32(new Hpa(at));
  }

  void bytes(long at, String hex) {
    byte[] data = HexFormat.of().parseHex(hex.replace(" ", ""));
    host().write(new Hpa(at), data, 0, data.length);
  }

  private void tables() {
    long[] gdt = {
      0,
      0x00af9b000000ffffL,
      0x00cf93000000ffffL,
      0x00cf9b000000ffffL,
      0x00cff3000000ffffL,
      0x00affb000000ffffL,
      0x00cffb000000ffffL,
      0x0000890000000067L | (long) (TSS & 0xffffff) << 16,
      0,
      0x000f9b000000ffffL,
    };
    for (int i = 0; i < gdt.length; i++) {
      write64(GDT + 8 * i, gdt[i]);
    }
    for (int vector = 0; vector < 256; vector++) {
      bytes(HANDLERS + 16 * vector, "0f01c1 f4");
    }
    // identity page tables: 4 levels, 2 MiB pages, user
    write64(TABLES, TABLES + 0x1000 | 7);
    write64(TABLES + 0x1000, TABLES + 0x2000 | 7);
    for (int i = 0; i < 512; i++) {
      write64(TABLES + 0x2000 + 8 * i, (long) i << 21 | 0x87);
    }
  }

  /** An IDT of 64-bit interrupt gates. */
  void longIdt() {
    for (int vector = 0; vector < 256; vector++) {
      gate64(vector, 0x8e, 0, HANDLERS + 16 * vector);
    }
    state().setIdt(IDT, 0xfff);
  }

  void gate64(int vector, int rights, int ist, long target) {
    long low =
        target & 0xffff
            | (long) CODE64 << 16
            | (long) ist << 32
            | (long) rights << 40
            | (target >>> 16 & 0xffff) << 48;
    write64(IDT + 16 * vector, low);
    write64(IDT + 16 * vector + 8, target >>> 32);
  }

  /** An IDT of 32-bit gates. */
  void shortIdt() {
    for (int vector = 0; vector < 256; vector++) {
      long target = HANDLERS + 16L * vector;
      write64(
          IDT + 8 * vector,
          target & 0xffff | (long) CODE32 << 16 | 0x8eL << 40 | (target >>> 16) << 48);
    }
    state().setIdt(IDT, 0x7ff);
  }

  private static SegmentRegister flat(int selector, int rights) {
    return new SegmentRegister(selector, 0, -1, rights);
  }

  private void common(int cs, int csRights, int data, int dataRights) {
    CpuState s = state();
    s.setGdt(GDT, 0x5f);
    s.setSegment(SegmentRegister.CS, flat(cs, csRights));
    for (int i : new int[] {0, 2, 3, 4, 5}) {
      s.setSegment(i, flat(data, dataRights));
    }
    s.setSegment(SegmentRegister.TR, new SegmentRegister(TASK, TSS, 0x67, 0x8b));
    s.setSegment(SegmentRegister.LDTR, new SegmentRegister(0, 0, 0, 0x10000));
    s.setRip(CODE);
    s.setGpr(CpuState.RSP, STACK);
    s.setGpr(CpuState.RDX, 0);
    host().write16(new Hpa(TSS + 0x66), 0x68);
    write64(TSS + 4, INNER_STACK);
    write64(TSS + 0x24, IST_STACK);
  }

  /** 32-bit protected mode without paging. */
  GuestMachine protected32() {
    state().setCr(0, 0x31);
    common(CODE32, 0xc09b, DATA0, 0xc093);
    shortIdt();
    host().write32(new Hpa(TSS + 4), INNER_STACK);
    host().write32(new Hpa(TSS + 8), DATA0);
    return this;
  }

  /** 64-bit mode with the identity tables; {@code user} at CPL 3. */
  GuestMachine long64(boolean user) {
    CpuState s = state();
    s.setMsr(Msrs.EFER, 0xd01);
    s.setCr(4, 0x6a0);
    s.setCr(3, TABLES);
    s.setCr(0, 0x8001_0033L);
    if (user) {
      common(USER_CODE64, 0xa0fb, USER_DATA, 0xc0f3);
    } else {
      common(CODE64, 0xa09b, DATA0, 0xc093);
    }
    longIdt();
    return this;
  }

  /** Real mode with a flat code segment at zero. */
  GuestMachine real() {
    CpuState s = state();
    for (int i = 0; i < 6; i++) {
      s.setSegment(i, new SegmentRegister(0, 0, 0xffff, i == 1 ? 0x9b : 0x93));
    }
    s.setSegment(SegmentRegister.CS, new SegmentRegister(CODE >> 4, CODE, 0xffff, 0x9b));
    s.setRip(0);
    s.setGpr(CpuState.RSP, 0x8000);
    s.setIdt(0, 0x3ff);
    return this;
  }

  /** Puts code at the entry point and runs until an exit; returns its basic reason. */
  int run(String hex) {
    bytes(CODE, hex);
    return run();
  }

  int run() {
    lp.occupancy().lock();
    try {
      processor.run(lp);
    } finally {
      lp.occupancy().unlock();
    }
    return processor.exit().reason;
  }

  /** The vector whose handler exited with VMCALL, or -1. */
  int handledVector() {
    long rip = state().rip();
    return rip >= HANDLERS && rip < HANDLERS + 4096 ? (int) (rip - HANDLERS) / 16 : -1;
  }

  @Override
  public void close() {
    processor.close();
    memory.close();
  }
}
