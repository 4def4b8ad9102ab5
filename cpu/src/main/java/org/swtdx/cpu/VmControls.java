package org.swtdx.cpu;

/**
 * VM-execution controls of one guest processor, SDM Vol. 3C 26.6. Set between VM exits by the
 * thread that runs the processor.
 */
public final class VmControls {
  /** HLT causes an exit. */
  public boolean hltExiting = true;

  /** IN, OUT and their string forms cause exits (unconditional I/O exiting). */
  public boolean ioExiting = true;

  /** RDTSC and RDTSCP cause exits. */
  public boolean rdtscExiting;

  /** RDPMC causes exits. */
  public boolean rdpmcExiting = true;

  /** MONITOR causes exits. */
  public boolean monitorExiting = true;

  /** MWAIT causes exits. */
  public boolean mwaitExiting = true;

  /** PAUSE causes exits. */
  public boolean pauseExiting;

  /** INVLPG and INVPCID cause exits. */
  public boolean invlpgExiting;

  /** WBINVD causes exits (INVD, CPUID, XSETBV and VMX instructions always do). */
  public boolean wbinvdExiting = true;

  /** MOV to or from debug registers causes exits. */
  public boolean movDrExiting;

  /** MOV from and to CR3 cause exits. */
  public boolean cr3Exiting;

  /** MOV from and to CR8 cause exits; without it CR8 is the virtual TPR. */
  public boolean cr8Exiting;

  /** Exits as soon as an interrupt could be delivered. */
  public boolean interruptWindowExiting;

  /** Exits as soon as an NMI could be delivered. */
  public boolean nmiWindowExiting;

  /** Neither interrupts nor NMIs of the guest are delivered, and no window for them opens. */
  public boolean interruptsBlocked;

  /** Exception vectors (bit n) that exit; #PF has no error-code mask here. */
  public int exceptionBitmap = 1 << 18;

  /** CR0 bits owned by the host: writes that would change them from the shadow exit. */
  public long cr0Mask;

  /** What the guest reads in the CR0 bits owned by the host. */
  public long cr0ReadShadow;

  /** CR4 bits owned by the host. */
  public long cr4Mask;

  /** What the guest reads in the CR4 bits owned by the host. */
  public long cr4ReadShadow;

  /** CR4 bits the guest may set at all; setting another one gives #GP(0). */
  public long cr4Allowed = -1;

  /** EFER bits the guest may set at all; setting another one gives #GP(0). */
  public long eferAllowed = -1;

  /** MSR bitmaps. */
  public MsrPolicy msrPolicy = (msr, write) -> true;

  /** Added to the scaled TSC. */
  public long tscOffset;

  /** TSC multiplier, 48 fractional bits; 1 shl 48 is identity. */
  public long tscMultiplier = 1L << 48;

  /** EPT violations that the entry allows become #VE instead of exits. */
  public boolean eptViolationVe;

  /** Virtual-interrupt delivery, APIC-register virtualization and x2APIC virtualization. */
  public boolean apicVirtualization;

  /** Process posted interrupts on {@link #postedInterruptVector}. */
  public boolean postedInterrupts;

  /** Posted-interrupt notification vector. */
  public int postedInterruptVector;

  /** HPA (KeyID 0) of the 64-byte posted-interrupt descriptor. */
  public long postedInterruptDescriptor;

  /** TDCALL exits with reason 77 (a TD); otherwise it raises #UD. */
  public boolean tdMode;

  /** Guest physical address width that paging checks reserved bits against. */
  public int guestPhysicalAddressBits = 52;

  /** Creates the controls of an ordinary guest. */
  public VmControls() {}
}
