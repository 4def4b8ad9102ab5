package org.swtdx.cpu;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.exec.Interpreter;
import org.swtdx.cpu.system.GuestSystem;
import org.swtdx.cpu.system.RegisterState;
import org.swtdx.memory.LostMemory;

/**
 * A guest processor: register state, TLB, decoded-code cache and controls. {@link #run} executes
 * guest instructions on the calling thread until a VM exit.
 */
public final class Processor {
  /** Event types of VM-entry interruption information, SDM Vol. 3C 26.8.3. */
  public static final int EXTERNAL_INTERRUPT = 0,
      NMI = 2,
      HARDWARE_EXCEPTION = 3,
      SOFTWARE_INTERRUPT = 4,
      PRIVILEGED_SOFTWARE_EXCEPTION = 5,
      SOFTWARE_EXCEPTION = 6;

  private final Platform platform;
  private final GuestSystem system;
  private final RegisterState state;
  private int eptGeneration;

  /**
   * Creates a processor in the state after INIT.
   *
   * @param platform the machine it runs on
   * @param map its second-level translation
   */
  public Processor(Platform platform, GuestPhysicalMap map) {
    this.platform = platform;
    system = new GuestSystem(platform, map, new Interpreter());
    state = new RegisterState(system);
    Reset.apply(state);
  }

  /** Register state, to be used between VM exits. */
  public CpuState state() {
    return state;
  }

  /** VM-execution controls, to be changed between VM exits. */
  public VmControls controls() {
    return system.controls();
  }

  /** The exit information of the last {@link #run}. */
  public VmExit exit() {
    return system.exit();
  }

  /** The virtual APIC. */
  public VirtualApic apic() {
    return system.apic();
  }

  /** The #VE information area. */
  public VeInformation veInformation() {
    return system.veInformation();
  }

  /**
   * Enters the guest on {@code lp} and runs it until a VM exit; {@link #exit} then says why. Never
   * throws for anything a guest does. An access to memory that was lost ({@link LostMemory}) makes
   * it exit with #MC, after some more instructions.
   */
  public void run(LogicalProcessor lp) {
    lp.enter(system::hostInterrupt);
    try {
      int generation = platform.eptGeneration();
      if (generation != eptGeneration) {
        eptGeneration = generation;
        system.flushTranslations();
      }
      runGuarded();
    } finally {
      lp.leave();
    }
  }

  private void runGuarded() {
    try {
      system.run();
      if (platform.memory().hasAttached()) {
        LostMemory.check();
      }
    } catch (InternalError e) {
      LostMemory.expect(e);
      VmExit exit = exit();
      exit.clear();
      exit.reason = ExitReason.EXCEPTION_OR_NMI.number();
      exit.interruptionInfo = 1 << 31 | HARDWARE_EXCEPTION << 8 | Core.MC;
    }
  }

  /**
   * Executes the one instruction at RIP outside of a run, with its accesses to device memory going
   * to {@code bus}: what a hypervisor does after an EPT violation of an address without memory.
   */
  public Emulation emulate(MmioBus bus) {
    return system.emulate(bus);
  }

  /**
   * Carries out the task switch that a run exited for. A fault of it becomes the event that the
   * next entry injects.
   *
   * @return COMPLETED, or EXITED: an EPT violation, after which the call is to be repeated once
   *     memory is there, or a triple fault
   */
  public Emulation switchTask(TaskSwitch task) {
    return system.switchTask(task);
  }

  /**
   * Writes memory as an instruction of the guest at the present privilege would: what a hypervisor
   * does that changes the guest's code. Nothing is written when a page cannot be.
   *
   * @return COMPLETED, also when the guest got a page fault instead; EXITED after an EPT violation,
   *     after which the call is to be repeated once memory is there, or another VM exit
   */
  public Emulation store(long linear, byte[] bytes) {
    return system.store(linear, bytes);
  }

  /**
   * Sets the event that the next entry delivers (VM-entry interruption information).
   *
   * @param vector 0 to 255
   * @param type one of the constants above
   * @param errorCode error code, or -1 for none
   * @param instructionLength for software events, else 0
   */
  public void inject(int vector, int type, int errorCode, int instructionLength) {
    system.events().inject(vector, type, errorCode, instructionLength);
  }

  /**
   * Fills the #VE information area from the last exit and injects #VE at the next entry.
   *
   * @return false when the area is still busy; nothing is injected then
   */
  public boolean injectVirtualizationException() {
    VeInformation area = system.veInformation();
    if (area.valid) {
      return false;
    }
    area.fill(system.exit());
    inject(Core.VE, HARDWARE_EXCEPTION, -1, 0);
    return true;
  }

  /**
   * Advances RIP over the instruction that exited and ends STI/MOV-SS blocking; with TF set a
   * single-step trap is pending.
   */
  public void skipInstruction() {
    long next = state.rip() + system.exit().instructionLength;
    state.setRip(state.in64BitMode() ? next : next & 0xffff_ffffL);
    state.setInterruptibility(state.interruptibility() & ~3);
    system.instructionSkipped();
  }

  /** Drops all cached translations, first- and second-level. Any thread; takes effect at once. */
  public void flushTranslations() {
    system.flushTranslations();
  }

  /** Makes an NMI pending. Any thread. */
  public void requestNmi() {
    system.requestNmi();
  }

  /** The TSC value the guest reads now. */
  public long guestTsc() {
    return system.msrs().tsc();
  }

  /** Instructions executed so far. */
  public long instructionCount() {
    return system.core().instructions;
  }

  /** Detaches from memory; the processor must not run again. */
  public void close() {
    system.close();
  }
}
