package org.swtdx.kvm;

import static org.swtdx.kvm.ApicRegister.*;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * A local APIC: registers, timer and interprocessor interrupts. Pending and in-service vectors,
 * task priority and EOI are the processor's (APIC virtualization); vectors reach it through the
 * vCPU's posted-interrupt descriptor. In x2APIC mode the logical id follows from the id.
 */
final class Lapic {
  static final int MODE_FIXED = 0;
  static final int MODE_LOWEST = 1;
  static final int MODE_NMI = 4;
  static final int MODE_INIT = 5;
  static final int MODE_STARTUP = 6;
  static final int MODE_EXTERNAL = 7;

  private static final int MASKED = 1 << 16;

  /** Bits 13, 16, 17 and 20 to 31 of ICR, which x2APIC mode refuses. */
  private static final long ICR_RESERVED = 0xfff3_2000L;

  private static final int VERSION_VALUE = 0x0005_0014;
  private static final int DIRECTED_EOI = 1 << 24;
  private static final int BROADCAST = 0xff, X2_BROADCAST = -1;
  private static final int ENABLED = 0x100;
  private static final int SUPPRESS_BROADCAST = 1 << 12;
  private static final int ERROR_SEND_VECTOR = 1 << 5;
  private static final int ERROR_RECEIVE_VECTOR = 1 << 6;
  private static final int LOWEST_VECTOR = 16;
  private static final int X2APIC_FEATURE = 21;

  private final Vcpu vcpu;
  private final ApicTimer timer;
  private final int[] registers = new int[64];
  private final AtomicIntegerArray triggers = new AtomicIntegerArray(8);
  private final AtomicInteger errors = new AtomicInteger();
  private int icrHigh;

  Lapic(Vcpu vcpu, HostTimers timers) {
    this.vcpu = vcpu;
    timer = new ApicTimer(timers, vcpu, this::timerExpired);
    reset();
  }

  /** Sets the registers to their values after reset. */
  void reset() {
    timer.stop();
    java.util.Arrays.fill(registers, 0);
    registers[SVR] = 0xff;
    registers[DFR] = -1;
    for (int lvt = LVT_TIMER; lvt <= LVT_ERROR; lvt++) {
      registers[lvt] = MASKED;
    }
    registers[LVT_CMCI] = MASKED;
    if (vcpu.vm().isBootCpu(vcpu.id())) {
      registers[LVT_LINT0] = MODE_EXTERNAL << 8; // the 8259s are connected before anybody looks
    }
    for (int i = 0; i < triggers.length(); i++) {
      triggers.set(i, 0);
    }
    timer.mode(0);
    timer.divide(0);
  }

  int id() {
    return vcpu.id();
  }

  ApicTimer timer() {
    return timer;
  }

  /** Logical id in x2APIC mode: cluster in the upper half, one bit in the lower. */
  private int x2LogicalId() {
    return id() >>> 4 << 16 | 1 << (id() & 15);
  }

  /** Reads a register by its number; the processor's own ones as last known. */
  int read(int register) {
    return switch (register) {
      case ID -> vcpu.x2Apic() ? id() : id() << 24;
      case LDR -> vcpu.x2Apic() ? x2LogicalId() : registers[LDR];
      case VERSION -> VERSION_VALUE | (offersDirectedEoi() ? DIRECTED_EOI : 0);
      case TIMER_CURRENT -> timer.currentCount();
      case ICR2 -> icrHigh;
      default ->
          register >= TMR && register < IRR
              ? triggers.get(register - TMR)
              : registers[register & 63];
    };
  }

  /** Writes a register by its number, with its side effects. */
  void write(int register, int value) {
    switch (register) {
      case SVR -> writeSpurious(value);
      case ESR -> registers[ESR] = errors.getAndSet(0);
      case LDR -> registers[LDR] = value & 0xff00_0000;
      case DFR -> registers[DFR] = value | 0x0fff_ffff;
      case ICR2 -> icrHigh = value & 0xff00_0000;
      case ICR -> {
        registers[ICR] = value & ~(1 << 12);
        send(value, vcpu.x2Apic() ? icrHigh : icrHigh >>> 24);
      }
      case LVT_TIMER -> {
        registers[LVT_TIMER] = lvt(value & 0x7_00ff);
        timer.mode(value >>> 17 & 3);
      }
      case LVT_CMCI, LVT_THERMAL, LVT_PERFORMANCE, LVT_LINT0, LVT_LINT1, LVT_ERROR ->
          registers[register] = lvt(value & 0x1_a7ff);
      case TIMER_INITIAL -> {
        registers[TIMER_INITIAL] = value;
        timer.initialCount(value);
      }
      case TIMER_DIVIDE -> {
        registers[TIMER_DIVIDE] = value & 0xb;
        timer.divide(value);
      }
      case SELF_IPI -> accept(value & 0xff);
      default -> {
        // The remaining registers are read-only, or belong to the processor.
      }
    }
  }

  /** A disabled APIC masks its local vectors and keeps them so. */
  private void writeSpurious(int value) {
    registers[SVR] = value & (0x1ff | SUPPRESS_BROADCAST);
    if (!enabled()) {
      for (int lvt = LVT_TIMER; lvt <= LVT_ERROR; lvt++) {
        registers[lvt] |= MASKED;
      }
      registers[LVT_CMCI] |= MASKED;
    }
  }

  private int lvt(int value) {
    return enabled() ? value : value | MASKED;
  }

  /** Whether LINT0 passes the interrupts of the 8259s. */
  boolean lint0IsExternal() {
    return (registers[LVT_LINT0] & (MASKED | 7 << 8)) == MODE_EXTERNAL << 8;
  }

  /** Sets a register that does something when it is written, for user space: nothing is done. */
  void load(int register, int value) {
    registers[register] = value;
  }

  /** Sets a trigger mode register, for user space. */
  void loadTriggers(int register, int value) {
    triggers.set(register - TMR, value);
  }

  /** Whether the last interrupt with a vector was level-triggered. */
  boolean isLevelTriggered(int vector) {
    return (triggers.get(vector >>> 5) >>> vector & 1) != 0;
  }

  /**
   * Whether the guest is told that it can end interrupts at the I/O APIC itself: without being
   * asked, where the I/O APIC is user space's.
   */
  private boolean offersDirectedEoi() {
    return vcpu.cpuid().leaf1Ecx(X2APIC_FEATURE)
        && switch (vcpu.vm().options.x2ApicFlags & VmOptions.EOI_BROADCAST_FLAGS) {
          case VmOptions.SUPPRESS_EOI_BROADCAST -> true;
          case VmOptions.DISABLE_SUPPRESS_EOI_BROADCAST -> false;
          default -> vcpu.vm().irqchip() == null;
        };
  }

  /**
   * Whether the end of an interrupt is not told to the I/O APIC. Without being asked, user space's
   * I/O APIC is told all the same.
   */
  boolean suppressesBroadcast() {
    return (registers[SVR] & SUPPRESS_BROADCAST) != 0
        && switch (vcpu.vm().options.x2ApicFlags & VmOptions.EOI_BROADCAST_FLAGS) {
          case VmOptions.SUPPRESS_EOI_BROADCAST -> true;
          case VmOptions.DISABLE_SUPPRESS_EOI_BROADCAST -> false;
          default -> vcpu.vm().irqchip() != null;
        };
  }

  private void error(int bit) {
    if ((errors.getAndUpdate(bits -> bits | bit) & bit) == 0) {
      deliverLocal(registers[LVT_ERROR]);
    }
  }

  /** Reads an x2APIC MSR; returns false for what is not readable there. */
  boolean readMsr(int msr, long[] result) {
    int register = msr - X2APIC_BASE;
    if (register == ICR) {
      result[0] = (long) icrHigh << 32 | registers[ICR] & 0xffff_ffffL;
      return true;
    }
    boolean readable =
        switch (register) {
          case ID, VERSION, LDR, SVR, ESR, LVT_CMCI, TIMER_INITIAL, TIMER_CURRENT, TIMER_DIVIDE ->
              true;
          case TPR, PPR -> true;
          default ->
              register >= LVT_TIMER && register <= LVT_ERROR || register >= ISR && register < ESR;
        };
    if (readable) {
      result[0] = read(register) & 0xffff_ffffL;
    }
    return readable;
  }

  /** Writes an x2APIC MSR; returns false for what is not writable there. */
  boolean writeMsr(int msr, long value) {
    int register = msr - X2APIC_BASE;
    if (register == ICR) {
      if ((value & ICR_RESERVED) != 0) {
        return false;
      }
      icrHigh = (int) (value >>> 32);
      write(ICR, (int) value);
      return true;
    }
    boolean writable =
        switch (register) {
          case SVR, LVT_CMCI, TIMER_INITIAL, TIMER_DIVIDE, SELF_IPI -> true;
          case ESR -> value == 0;
          default -> register >= LVT_TIMER && register <= LVT_ERROR;
        };
    if (!writable || value >>> 32 != 0) {
      return false;
    }
    write(register, (int) value);
    return true;
  }

  /** Whether the APIC is enabled by software. */
  boolean enabled() {
    return (registers[SVR] & ENABLED) != 0;
  }

  private void timerExpired() {
    deliverLocal(registers[LVT_TIMER]);
  }

  private void deliverLocal(int lvt) {
    if ((lvt & MASKED) != 0 || !enabled()) {
      return;
    }
    if ((lvt >>> 8 & 7) == MODE_NMI) {
      vcpu.requestNmi();
    } else {
      accept(lvt & 0xff);
    }
  }

  /** Makes a vector pending in the processor. */
  void accept(int vector) {
    accept(vector, false);
  }

  private void accept(int vector, boolean level) {
    if (vector < LOWEST_VECTOR) {
      error(ERROR_RECEIVE_VECTOR);
      return;
    }
    int bit = 1 << vector;
    triggers.getAndUpdate(vector >>> 5, word -> level ? word | bit : word & ~bit);
    vcpu.postInterrupt(vector);
  }

  private void send(int icr, int destination) {
    int shorthand = icr >>> 18 & 3;
    boolean logical = (icr & 1 << 11) != 0;
    int mode = icr >>> 8 & 7;
    if (mode == MODE_INIT && (icr & 1 << 14) == 0) {
      return; // INIT level de-assert does nothing on current processors
    }
    if (mode <= MODE_LOWEST && (icr & 0xff) < LOWEST_VECTOR) {
      error(ERROR_SEND_VECTOR);
      return;
    }
    switch (shorthand) {
      case 1 -> deliver(mode, icr & 0xff, false);
      case 2, 3 -> {
        for (Vcpu target : vcpu.vm().vcpus()) {
          if (shorthand == 2 || target != vcpu) {
            target.lapic().deliver(mode, icr & 0xff, false);
          }
        }
      }
      default -> deliver(vcpu.vm(), destination, logical, true, mode, icr & 0xff, false);
    }
  }

  /**
   * Delivers an interrupt message to the APICs it addresses.
   *
   * @param interprocessor whether a local APIC sends it
   * @return how many accepted it
   */
  static int deliver(
      Vm vm,
      int destination,
      boolean logical,
      boolean interprocessor,
      int mode,
      int vector,
      boolean level) {
    int accepted = 0;
    for (Vcpu target : vm.vcpus()) {
      Lapic apic = target.lapic();
      if (apic.matches(destination, logical, interprocessor)) {
        if (mode == MODE_LOWEST && !apic.enabled()) {
          continue;
        }
        apic.deliver(mode, vector, level);
        accepted++;
        if (mode == MODE_LOWEST) {
          break;
        }
      }
    }
    return accepted;
  }

  private boolean matches(int destination, boolean logical, boolean interprocessor) {
    boolean x2 = vcpu.x2Apic();
    boolean all = x2 && destination == BROADCAST && !interprocessor;
    if (all && vcpu.vm().options.hasBroadcastQuirk()
        || destination == (x2 ? X2_BROADCAST : BROADCAST)) {
      return true;
    }
    if (!logical) {
      // What no xAPIC id can be is meant for the processor with that x2APIC id.
      boolean wide = x2 || Integer.compareUnsigned(destination, BROADCAST) > 0;
      return destination == (wide ? id() : id() & BROADCAST);
    }
    if (x2) {
      int mine = x2LogicalId();
      return destination >>> 16 == mine >>> 16 && (destination & mine & 0xffff) != 0;
    }
    int mine = registers[LDR] >>> 24;
    if (registers[DFR] >>> 28 == 0xf) {
      return (destination & mine) != 0;
    }
    return (destination & 0xf0) == (mine & 0xf0) && (destination & mine & 0xf) != 0;
  }

  private void deliver(int mode, int vector, boolean level) {
    switch (mode) {
      case MODE_FIXED, MODE_LOWEST -> {
        if (enabled()) {
          accept(vector, level);
        }
      }
      case MODE_NMI -> vcpu.requestNmi();
      case MODE_INIT -> vcpu.requestInit();
      case MODE_STARTUP -> vcpu.requestStartup(vector);
      default -> {
        // SMI and reserved modes: there is no SMM here.
      }
    }
  }
}
