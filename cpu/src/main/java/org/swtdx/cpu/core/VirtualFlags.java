package org.swtdx.cpu.core;

/**
 * The virtual interrupt flag of virtual-8086 mode extensions (CR4.VME) and of protected-mode
 * virtual interrupts (CR4.PVI), SDM Vol. 3A 22.3 and 22.4: with IOPL below 3 the program sees VIF
 * where IF would be.
 */
public final class VirtualFlags {
  private static final long CR4_VME = 1, CR4_PVI = 2;

  private VirtualFlags() {}

  /** Whether a virtual-8086 program has VIF in the place of IF. */
  public static boolean inVirtual8086(Core core) {
    long control = core.flags.control;
    return (control & Flags.VM) != 0
        && (control & Flags.IOPL) != Flags.IOPL
        && (core.cr4 & CR4_VME) != 0;
  }

  /** Whether CLI and STI change VIF: in either mode, where IOPL takes IF away. */
  public static boolean forInterrupts(Core core) {
    long control = core.flags.control;
    boolean user =
        (control & Flags.VM) == 0
            && (core.cr0 & Core.CR0_PE) != 0
            && core.cpl == 3
            && (control & Flags.IOPL) != Flags.IOPL
            && (core.cr4 & CR4_PVI) != 0;
    return user || inVirtual8086(core);
  }

  /** The 16-bit image of the flags that PUSHF and INT n push for the program: IOPL 3, IF as VIF. */
  public static long image(Core core) {
    long flags = core.getFlags();
    long shown = flags & 0xffff & ~Flags.IF | Flags.IOPL;
    return (flags & Flags.VIF) != 0 ? shown | Flags.IF : shown;
  }

  /**
   * Checks a 16-bit image that POPF or IRET is about to load: #GP(0) when TF is set, or IF while an
   * interrupt is pending.
   */
  public static void check(Core core, long image) {
    boolean pending = (core.flags.control & Flags.VIP) != 0 && (image & Flags.IF) != 0;
    if (pending || (image & Flags.TF) != 0) {
      throw core.raise(Core.GP, 0);
    }
  }

  /** Loads a checked image: IF goes to VIF, IF and IOPL stay. */
  public static void load(Core core, long image) {
    long writable = Flags.STATUS | Flags.DF | Flags.NT | Flags.TF;
    long virtual = (image & Flags.IF) != 0 ? Flags.VIF : 0;
    long kept = core.getFlags() & ~(writable | Flags.VIF | Flags.RF);
    core.setFlags(kept | image & writable | virtual);
  }
}
