package org.swtdx.cpu.mmu;

import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.cpu.VmControls;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.GuestFault;

/**
 * Translates linear to guest physical addresses: no paging, 32-bit, PAE, 4-level and 5-level paging
 * with every permission check, SDM Vol. 3A chapter 5. One instance per processor.
 */
public final class PageWalker {
  /** Privilege of an access: user mode. */
  public static final int USER = 0;

  /** Privilege of an access: supervisor mode, by the program itself. */
  public static final int SUPERVISOR = 1;

  /** Privilege of an access: supervisor mode, by the processor (descriptor tables, TSS). */
  public static final int IMPLICIT = 2;

  /** Error-code bits of #PF. */
  public static final int PRESENT = 1, WRITE = 2, BY_USER = 4, RESERVED = 8, FETCH = 16, KEY = 32;

  private static final long P = 1, RW = 2, US = 4, A = 0x20, D = 0x40, PS = 0x80;
  private static final long XD = 1L << 63;
  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;
  private static final long CR4_PKE = 1L << 22;
  private static final long CR4_PKS = 1L << 24;

  private final PhysicalAccess memory;
  private final MemoryFaults faults;
  private final VmControls controls;
  private final long[] pointers = new long[4];
  private final long[] entries = new long[6];
  private final long[] entryGpas = new long[6];

  /** PKRU. */
  int pkru;

  /** IA32_PKRS. */
  int pkrs;

  /** Whether the last translation used a page larger than 4 KiB. */
  boolean large;

  PageWalker(PhysicalAccess memory, MemoryFaults faults, VmControls controls) {
    this.memory = memory;
    this.faults = faults;
    this.controls = controls;
  }

  /** Whether {@code linear} is canonical in the paging mode of {@code core}. */
  static boolean canonical(Core core, long linear) {
    int shift = (core.cr4 & Core.CR4_LA57) != 0 ? 7 : 16;
    return linear << shift >> shift == linear;
  }

  /** The page-directory-pointer registers of PAE paging. */
  long[] pointers() {
    return pointers;
  }

  /**
   * Loads the page-directory-pointer registers from CR3.
   *
   * @return false when an entry has reserved bits set, which is #GP(0); nothing is loaded then
   */
  boolean loadPointers(long cr3) {
    long[] loaded = new long[4];
    for (int i = 0; i < 4; i++) {
      long gpa = (cr3 & 0xffff_ffe0L) + 8 * i;
      loaded[i] =
          memory.load(memory.toHost(gpa, GuestPhysicalMap.READ, MemoryFaults.NO_LINEAR, false), 8);
      if ((loaded[i] & P) != 0 && (loaded[i] & (0x1e6 | ~ADDRESS & ~0xfffL | tooWide())) != 0) {
        return false;
      }
    }
    System.arraycopy(loaded, 0, pointers, 0, 4);
    return true;
  }

  /** Address bits beyond the guest's physical address width. */
  private long tooWide() {
    return ADDRESS & -1L << controls.guestPhysicalAddressBits;
  }

  /**
   * Translates, checks and marks accessed (and dirty).
   *
   * @param access one bit of {@link GuestPhysicalMap}
   * @param privilege {@link #USER}, {@link #SUPERVISOR} or {@link #IMPLICIT}
   * @return the guest physical address of the byte
   */
  long walk(Core core, long linear, int access, int privilege) {
    large = false;
    if ((core.cr0 & Core.CR0_PG) == 0) {
      return linear & 0xffff_ffffL;
    }
    if ((core.efer & Core.EFER_LMA) != 0) {
      int levels = (core.cr4 & Core.CR4_LA57) != 0 ? 5 : 4;
      return walkLong(core, linear, access, privilege, levels, core.cr3 & ADDRESS, US | RW);
    }
    if ((core.cr4 & Core.CR4_PAE) != 0) {
      long pointer = pointers[(int) (linear >>> 30) & 3];
      if ((pointer & P) == 0) {
        throw fault(core, linear, access, privilege, 0);
      }
      return walkLong(core, linear, access, privilege, 2, pointer & ADDRESS, US | RW);
    }
    return walkShort(core, linear, access, privilege);
  }

  private long walkLong(
      Core core, long linear, int access, int privilege, int levels, long root, long rights) {
    for (; ; ) {
      long table = root;
      long permissions = rights;
      long noExecute = 0;
      for (int level = levels; ; level--) {
        int shift = 3 + 9 * level;
        long gpa = table | (linear >>> shift & 0x1ff) << 3;
        long host = memory.toHost(gpa, GuestPhysicalMap.READ, linear, false);
        long entry = memory.load(host, 8);
        if ((entry & P) == 0) {
          throw fault(core, linear, access, privilege, 0);
        }
        entries[level] = entry;
        entryGpas[level] = gpa;
        boolean leaf = level == 1 || level <= 3 && (entry & PS) != 0;
        if ((entry & reservedBits(core, level, levels, leaf)) != 0) {
          throw fault(core, linear, access, privilege, PRESENT | RESERVED);
        }
        permissions &= entry;
        noExecute |= entry & XD;
        if (leaf) {
          large = level > 1;
          check(core, linear, access, privilege, permissions, noExecute != 0, key(core, entry));
          if (!markUsed(linear, level, levels, 8, access)) {
            break;
          }
          long offset = (1L << shift) - 1;
          return entry & ADDRESS & ~offset | linear & offset;
        }
        table = entry & ADDRESS;
      }
    }
  }

  /** Protection key of a leaf entry; -1 outside 4- and 5-level paging. */
  private static int key(Core core, long entry) {
    return (core.efer & Core.EFER_LMA) != 0 ? (int) (entry >>> 59) & 15 : -1;
  }

  private long reservedBits(Core core, int level, int levels, boolean leaf) {
    long reserved = tooWide();
    if ((core.efer & Core.EFER_NXE) == 0) {
      reserved |= XD;
    }
    if (levels == 2) {
      reserved |= 0x7ff0_0000_0000_0000L;
    }
    if (level >= 4) {
      reserved |= PS;
    }
    if (leaf && level > 1) {
      reserved |= (1L << 3 + 9 * level) - 1 & ADDRESS & ~0x1000L;
    }
    return reserved;
  }

  private long walkShort(Core core, long linear, int access, int privilege) {
    for (; ; ) {
      long gpa = core.cr3 & 0xffff_f000L | (linear >>> 22 & 0x3ff) << 2;
      long directory = shortEntry(core, linear, access, privilege, 2, gpa);
      if ((directory & PS) != 0 && (core.cr4 & Core.CR4_PSE) != 0) {
        large = true;
        long high = (directory & 0x1f_e000) << 19;
        if ((directory & 1 << 21) != 0 || (high & tooWide()) != 0) {
          throw fault(core, linear, access, privilege, PRESENT | RESERVED);
        }
        check(core, linear, access, privilege, directory, false, -1);
        if (markUsed(linear, 2, 2, 4, access)) {
          return high | directory & 0xffc0_0000L | linear & 0x3f_ffff;
        }
        continue;
      }
      gpa = directory & 0xffff_f000L | (linear >>> 12 & 0x3ff) << 2;
      long entry = shortEntry(core, linear, access, privilege, 1, gpa);
      check(core, linear, access, privilege, directory & entry, false, -1);
      if (markUsed(linear, 1, 2, 4, access)) {
        return entry & 0xffff_f000L | linear & 0xfff;
      }
    }
  }

  private long shortEntry(Core core, long linear, int access, int privilege, int level, long gpa) {
    long entry = memory.load(memory.toHost(gpa, GuestPhysicalMap.READ, linear, false), 4);
    if ((entry & P) == 0) {
      throw fault(core, linear, access, privilege, 0);
    }
    entries[level] = entry;
    entryGpas[level] = gpa;
    return entry;
  }

  /** Permission checks of SDM Vol. 3A 5.6; {@code permissions} is the AND of all entries. */
  private void check(
      Core core,
      long linear,
      int access,
      int privilege,
      long permissions,
      boolean noExecute,
      int key) {
    boolean userPage = (permissions & US) != 0;
    boolean writable = (permissions & RW) != 0;
    boolean denied;
    if (access == GuestPhysicalMap.EXECUTE) {
      denied =
          noExecute
              || (privilege == USER ? !userPage : userPage && (core.cr4 & Core.CR4_SMEP) != 0);
    } else if (privilege == USER) {
      denied = !userPage || access == GuestPhysicalMap.WRITE && !writable;
    } else {
      boolean smap =
          userPage
              && (core.cr4 & Core.CR4_SMAP) != 0
              && (privilege == IMPLICIT || (core.flags.control & Flags.AC) == 0);
      boolean protect = (core.cr0 & Core.CR0_WP) != 0;
      denied = smap || access == GuestPhysicalMap.WRITE && !writable && protect;
    }
    if (denied) {
      throw fault(core, linear, access, privilege, PRESENT);
    }
    if (key >= 0 && access != GuestPhysicalMap.EXECUTE) {
      checkKey(core, linear, access, privilege, userPage, key);
    }
  }

  private void checkKey(
      Core core, long linear, int access, int privilege, boolean userPage, int key) {
    if ((core.cr4 & (userPage ? CR4_PKE : CR4_PKS)) == 0) {
      return;
    }
    int rights = (userPage ? pkru : pkrs) >>> 2 * key;
    boolean protect = privilege == USER || (core.cr0 & Core.CR0_WP) != 0;
    if ((rights & 1) != 0 || access == GuestPhysicalMap.WRITE && (rights & 2) != 0 && protect) {
      throw fault(core, linear, access, privilege, PRESENT | KEY);
    }
  }

  /** Sets accessed and dirty flags; false when an entry changed meanwhile: walk again. */
  private boolean markUsed(long linear, int leafLevel, int levels, int size, int access) {
    for (int level = levels; level >= leafLevel; level--) {
      long entry = entries[level];
      long wanted = entry | A;
      if (level == leafLevel && access == GuestPhysicalMap.WRITE) {
        wanted |= D;
      }
      if (wanted != entry && !update(linear, level, size, entry, wanted)) {
        return false;
      }
    }
    return true;
  }

  private boolean update(long linear, int level, int size, long entry, long wanted) {
    long host = memory.toHost(entryGpas[level], GuestPhysicalMap.WRITE, linear, false);
    return memory.replace(host, size, entry, wanted);
  }

  private GuestFault fault(Core core, long linear, int access, int privilege, int bits) {
    int code = bits;
    if (access == GuestPhysicalMap.WRITE) {
      code |= WRITE;
    }
    if (privilege == USER) {
      code |= BY_USER;
    }
    boolean executeDisable =
        (core.cr4 & Core.CR4_PAE) != 0 && (core.efer & Core.EFER_NXE) != 0
            || (core.cr4 & Core.CR4_SMEP) != 0;
    if (access == GuestPhysicalMap.EXECUTE && executeDisable) {
      code |= FETCH;
    }
    throw faults.pageFault(linear, code);
  }
}
