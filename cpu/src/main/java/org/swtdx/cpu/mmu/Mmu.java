package org.swtdx.cpu.mmu;

import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.cpu.MmioBus;
import org.swtdx.cpu.VmControls;
import org.swtdx.cpu.core.CodePage;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.MemoryPort;
import org.swtdx.cpu.core.Tlb;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.memory.seam.CodeFrame;
import org.swtdx.memory.seam.FrameInvalidation;
import org.swtdx.memory.seam.PhysicalBus;

/**
 * The memory port of one processor: fills the TLBs, performs the accesses they cannot answer, and
 * takes part in frame invalidation. All methods but {@link #invalidate} belong to the thread that
 * runs the processor.
 */
public final class Mmu extends MemoryPort implements FrameInvalidation {
  private final PhysicalAccess memory;
  private final PhysicalBus bus;
  private final PhysicalAddressLayout layout;
  private final PageWalker walker;
  private final MemoryFaults faults;
  private final CodeWindow window;
  private final ConcurrentLinkedQueue<Long> invalidated = new ConcurrentLinkedQueue<>();
  private final Runnable attention;
  private boolean largeSeen;
  private boolean watching;

  /**
   * Joins the processor to memory.
   *
   * @param memory physical memory
   * @param map second-level translation
   * @param controls for the guest physical address width
   * @param faults where faults go
   * @param attention called by any thread when {@link #applyInvalidations} has work
   */
  public Mmu(
      PhysicalMemory memory,
      GuestPhysicalMap map,
      VmControls controls,
      MemoryFaults faults,
      Runnable attention) {
    this.bus = PhysicalBus.of(memory);
    this.layout = memory.layout();
    this.memory = new PhysicalAccess(bus, map, faults);
    this.walker = new PageWalker(this.memory, faults, controls);
    this.faults = faults;
    this.attention = attention;
    this.window = new CodeWindow();
    bus.addListener(this);
  }

  /** Leaves memory: no invalidation arrives any more. */
  public void close() {
    bus.removeListener(this);
  }

  /** Where faults go: the processor this port belongs to. */
  public MemoryFaults faults() {
    return faults;
  }

  /** PKRU, which page permissions depend on. */
  public int pkru() {
    return walker.pkru;
  }

  /** Sets PKRU; cached translations that depend on it are dropped. */
  public void setPkru(Core core, int value) {
    if (walker.pkru != value) {
      walker.pkru = value;
      core.flushTlb();
    }
  }

  /** IA32_PKRS. */
  public int pkrs() {
    return walker.pkrs;
  }

  /** Sets IA32_PKRS; cached translations that depend on it are dropped. */
  public void setPkrs(Core core, int value) {
    if (walker.pkrs != value) {
      walker.pkrs = value;
      core.flushTlb();
    }
  }

  /** Sets where data accesses to device memory go; null outside of emulation. */
  public void setDevices(@Nullable MmioBus devices) {
    memory.devices(devices);
  }

  /** While on, no data access is answered by the TLB and each is reported. */
  public void setWatching(Core core, boolean on) {
    if (watching != on) {
      watching = on;
      core.flushTlb();
    }
  }

  /** Loads the PAE page-directory pointers; false when one has reserved bits set. */
  public boolean loadPointers(long cr3) {
    return walker.loadPointers(cr3);
  }

  /** The four page-directory-pointer registers of PAE paging; who changes them flushes the TLB. */
  public long[] pointers() {
    return walker.pointers();
  }

  /** Whether {@code linear} is canonical in the current paging mode. */
  public static boolean canonical(Core core, long linear) {
    return PageWalker.canonical(core, linear);
  }

  /** Drops the translations of one page, or all when it may be part of a larger one. */
  public void flushPage(Core core, long linear) {
    if (largeSeen || !core.code64) {
      core.flushTlb();
      largeSeen = false;
    } else {
      core.flushTlbPage(linear);
    }
  }

  @Override
  public void invalidate(long hpaRaw) {
    invalidated.add(hpaRaw);
    attention.run();
  }

  /** Drops the translations to frames that were invalidated since. */
  public void applyInvalidations(Core core) {
    for (Long hpa = invalidated.poll(); hpa != null; hpa = invalidated.poll()) {
      dropFrame(core, hpa, true);
    }
  }

  /** Applies what this thread's own calls invalidated: nothing was written meanwhile. */
  private void applyOwnInvalidations(Core core, long hpaRaw) {
    if (invalidated.remove((Long) hpaRaw)) {
      dropFrame(core, hpaRaw, false);
    }
  }

  /**
   * Drops a frame. Where it was writable through the TLB, stores may have reached it after code was
   * taken from it: with {@code touch} the bus is told, which advances the code generation.
   */
  private void dropFrame(Core core, long hpaRaw, boolean touch) {
    boolean wasWritable = false;
    long keyed = 0;
    for (long[] tlb : core.tlbs) {
      for (int i = 0; i < tlb.length; i += 4) {
        boolean valid = tlb[i] != Tlb.INVALID || tlb[i + Tlb.WRITE] != Tlb.INVALID;
        if (valid && layout.hpaOf(tlb[i + Tlb.FRAME]) == hpaRaw) {
          keyed = tlb[i + Tlb.FRAME];
          wasWritable |= tlb[i + Tlb.WRITE] != Tlb.INVALID;
          tlb[i] = Tlb.INVALID;
          tlb[i + Tlb.WRITE] = Tlb.INVALID;
        }
      }
    }
    core.advanceCodeEpoch();
    if (touch && wasWritable) {
      bus.map(keyed, true);
    }
  }

  // Accesses of the program.

  private static int privilege(Core core) {
    return core.cpl == 3 ? PageWalker.USER : PageWalker.SUPERVISOR;
  }

  /** Truncates outside 64-bit mode, checks canonicality in it. */
  private static long address(Core core, long linear) {
    if (!core.code64) {
      return linear & 0xffff_ffffL;
    }
    if (!PageWalker.canonical(core, linear)) {
      throw core.raiseNonCanonical();
    }
    return linear;
  }

  private long translate(Core core, long linear, int access) {
    long gpa = walker.walk(core, linear, access, privilege(core));
    largeSeen |= walker.large;
    return memory.toHost(gpa, access, linear, true);
  }

  /** #AC for a misaligned access where alignment is checked. */
  private static void checkAlignment(Core core, long linear, int size) {
    if (core.tlb == core.tlbs[Tlb.USER_CHECKED] && (linear & size - 1) != 0) {
      throw core.raise(Core.AC, 0);
    }
  }

  private void report(long linear, int size, boolean write) {
    if (watching) {
      faults.accessed(linear, size, write);
    }
  }

  private static boolean crosses(long linear, int size) {
    return (int) (linear & 0xfff) + size > 4096;
  }

  private void fill(Core core, long[] tlb, long linear, long address, long keyed, boolean write) {
    if (watching || tlb == core.tlbs[Tlb.USER_CHECKED]) {
      return;
    }
    int i = Tlb.index(linear);
    long page = linear & Tlb.PAGE;
    tlb[i] = page;
    tlb[i + Tlb.WRITE] = write ? page : Tlb.INVALID;
    tlb[i + Tlb.ADDEND] = address - linear;
    tlb[i + Tlb.FRAME] = keyed & Tlb.PAGE;
  }

  @Override
  public long load(Core core, long linear, int size) {
    checkAlignment(core, linear, size);
    if (crosses(linear, size)) {
      return loadCrossing(core, linear, size);
    }
    long keyed = translate(core, address(core, linear), GuestPhysicalMap.READ);
    report(linear, size, false);
    long host = memory.map(keyed, false);
    if (host >= 0) {
      fill(core, core.tlb, linear, host, keyed, false);
      return PhysicalAccess.loadNative(host, size);
    }
    return memory.load(keyed, size);
  }

  private long loadCrossing(Core core, long linear, int size) {
    int first = 4096 - (int) (linear & 0xfff);
    long low = translate(core, address(core, linear), GuestPhysicalMap.READ);
    long high = translate(core, address(core, linear + first), GuestPhysicalMap.READ);
    report(linear, size, false);
    long value = 0;
    for (int i = 0; i < size; i++) {
      long at = i < first ? low + i : high + i - first;
      value |= memory.load(at, 1) << (i << 3);
    }
    return value;
  }

  @Override
  public void store(Core core, long linear, int size, long value) {
    checkAlignment(core, linear, size);
    if (crosses(linear, size)) {
      storeCrossing(core, linear, size, value);
      return;
    }
    long keyed = translate(core, address(core, linear), GuestPhysicalMap.WRITE);
    report(linear, size, true);
    long host = memory.map(keyed, true);
    if (host >= 0) {
      fill(core, core.tlb, linear, host, keyed, true);
      PhysicalAccess.storeNative(host, size, value);
    } else {
      memory.store(keyed, size, value);
    }
    core.codeWritten();
  }

  private void storeCrossing(Core core, long linear, int size, long value) {
    int first = 4096 - (int) (linear & 0xfff);
    long low = translate(core, address(core, linear), GuestPhysicalMap.WRITE);
    long high = translate(core, address(core, linear + first), GuestPhysicalMap.WRITE);
    report(linear, size, true);
    for (int i = 0; i < size; i++) {
      long at = i < first ? low + i : high + i - first;
      memory.store(at, 1, value >>> (i << 3) & 0xff);
    }
    core.codeWritten();
  }

  /** Stores a whole aligned 64-byte line at once, as MOVDIR64B does: no read of it comes first. */
  public void storeLine(Core core, long linear, byte[] line) {
    long keyed = translate(core, address(core, linear), GuestPhysicalMap.WRITE);
    report(linear, line.length, true);
    memory.storeLine(keyed, line);
    core.codeWritten();
  }

  @Override
  public void probe(Core core, long linear, int size, boolean write) {
    int access = write ? GuestPhysicalMap.WRITE : GuestPhysicalMap.READ;
    translate(core, address(core, linear), access);
    long last = linear + size - 1;
    if (((linear ^ last) & Tlb.PAGE) != 0) {
      translate(core, address(core, last), access);
    }
  }

  @Override
  public long nativeAddress(Core core, long linear, boolean write) {
    int access = write ? GuestPhysicalMap.WRITE : GuestPhysicalMap.READ;
    long keyed = translate(core, address(core, linear), access);
    long host = memory.map(keyed, write);
    if (host < 0 || watching) {
      return NO_NATIVE;
    }
    fill(core, core.tlb, linear, host, keyed, write);
    if (write) {
      core.codeWritten();
    }
    return host;
  }

  @Override
  public void fetch(Core core, long linear, CodePage page) {
    long at = linear;
    if (core.code64) {
      if (!PageWalker.canonical(core, linear)) {
        throw core.raise(Core.GP, 0);
      }
    } else {
      at &= 0xffff_ffffL;
    }
    long keyed = translate(core, at, GuestPhysicalMap.EXECUTE);
    long frame = keyed & Tlb.PAGE;
    page.linear = linear & Tlb.PAGE;
    page.keyedHpa = frame;
    long hpa = layout.hpaOf(frame);
    if (bus.map(frame, false) < 0) {
      page.frame = null;
      page.nativeAddress = window.fill(memory, frame, (int) (at & 0xfff));
      return;
    }
    CodeFrame code = bus.codeFrame(hpa);
    page.frame = code;
    if (page.shared) {
      page.generation = code.generation;
    } else {
      page.generation = bus.markCode(hpa);
      applyOwnInvalidations(core, hpa);
    }
    long host = bus.map(frame, false);
    if (host < 0) {
      page.frame = null;
      host = window.fill(memory, frame, (int) (at & 0xfff));
    }
    page.nativeAddress = host;
  }

  // Accesses of the processor itself.

  /** Loads at supervisor privilege whatever the CPL, as descriptor-table accesses do. */
  public long loadSystem(Core core, long linear, int size) {
    return loadAs(core, linear, size, PageWalker.IMPLICIT);
  }

  /** Stores at supervisor privilege whatever the CPL. */
  public void storeSystem(Core core, long linear, int size, long value) {
    storeAs(core, linear, size, value, PageWalker.IMPLICIT);
  }

  /** Checks that {@code size} bytes can be written at supervisor privilege. */
  public void probeSystem(Core core, long linear, int size) {
    translateAs(core, linear, GuestPhysicalMap.WRITE, PageWalker.IMPLICIT);
    long last = linear + size - 1;
    if (((linear ^ last) & Tlb.PAGE) != 0) {
      translateAs(core, last, GuestPhysicalMap.WRITE, PageWalker.IMPLICIT);
    }
  }

  private static long[] tlb(Core core, int privilege) {
    boolean smap = (core.cr4 & Core.CR4_SMAP) != 0;
    boolean ac = (core.flags.control & Flags.AC) != 0;
    return core.tlbs[
        switch (privilege) {
          case PageWalker.USER -> Tlb.USER;
          case PageWalker.SUPERVISOR -> smap && !ac ? Tlb.SUPERVISOR : Tlb.SUPERVISOR_ANY;
          default -> smap ? Tlb.SUPERVISOR : Tlb.SUPERVISOR_ANY;
        }];
  }

  /** Loads at a privilege of {@link PageWalker}; the caller has checked canonicality. */
  public long loadAs(Core core, long linear, int size, int privilege) {
    if (crosses(linear, size)) {
      long value = 0;
      for (int i = 0; i < size; i++) {
        value |= loadAs(core, linear + i, 1, privilege) << (i << 3);
      }
      return value;
    }
    long[] tlb = tlb(core, privilege);
    int i = Tlb.index(linear);
    if (tlb[i] == (linear & Tlb.PAGE)) {
      return PhysicalAccess.loadNative(linear + tlb[i + Tlb.ADDEND], size);
    }
    long keyed = translateAs(core, linear, GuestPhysicalMap.READ, privilege);
    long host = memory.map(keyed, false);
    if (host >= 0) {
      fill(core, tlb, linear, host, keyed, false);
    }
    return memory.load(keyed, size);
  }

  /** Stores at a privilege of {@link PageWalker}; the caller has checked canonicality. */
  public void storeAs(Core core, long linear, int size, long value, int privilege) {
    if (crosses(linear, size)) {
      translateAs(core, linear + size - 1, GuestPhysicalMap.WRITE, privilege);
      for (int i = 0; i < size; i++) {
        storeAs(core, linear + i, 1, value >>> (i << 3) & 0xff, privilege);
      }
      return;
    }
    long[] tlb = tlb(core, privilege);
    int i = Tlb.index(linear);
    if (tlb[i + Tlb.WRITE] == (linear & Tlb.PAGE)) {
      PhysicalAccess.storeNative(linear + tlb[i + Tlb.ADDEND], size, value);
      return;
    }
    long keyed = translateAs(core, linear, GuestPhysicalMap.WRITE, privilege);
    long host = memory.map(keyed, true);
    if (host >= 0) {
      fill(core, tlb, linear, host, keyed, true);
    }
    memory.store(keyed, size, value);
    core.codeWritten();
  }

  private long translateAs(Core core, long linear, int access, int privilege) {
    long gpa = walker.walk(core, linear, access, privilege);
    largeSeen |= walker.large;
    return memory.toHost(gpa, access, linear, true);
  }
}
