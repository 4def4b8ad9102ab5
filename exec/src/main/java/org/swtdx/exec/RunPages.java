package org.swtdx.exec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.memory.LostMemory;

/**
 * A vCPU's kvm_run and the data of port I/O, twice: KVM's, which nobody else can reach, and the
 * program's, which is mapped there. KVM_RUN takes one into the other at its beginning, and gives it
 * back at its end. So KVM does not have to expect that the program changes what it has looked at,
 * or cuts the pages off. All methods that reach the program's throw the InternalError of {@link
 * LostMemory} then, before they return.
 */
final class RunPages {
  private static final long IMMEDIATE_EXIT = 1;

  /** What only KVM writes begins here, in bytes; exit_reason is the first. */
  private static final long FROM_KVM = 8;

  /** The sets of registers that the program asks for, and has changed: two of 8 bytes. */
  private static final long SETS = 288;

  private static final long REGISTERS = SETS + 16;
  private static final long REGISTERS_END = 2352;
  private static final long PORT_DATA = 4096;
  private static final long PORT_DATA_SIZE = 4096;

  private final MemorySegment shared;
  private final MemorySegment own;
  private final KvmRun run;
  private boolean registers;

  /**
   * Two of the same.
   *
   * @param own where KVM has them
   * @param shared where the program has them
   */
  RunPages(MemorySegment own, MemorySegment shared) {
    this.own = own;
    this.shared = shared;
    run = new KvmRun(own);
  }

  /** KVM's: what KVM_RUN was given, and what it exited with. */
  KvmRun run() {
    return run;
  }

  /** Whether the program asks for an exit at once. */
  boolean immediateExit() {
    boolean asked = shared.get(ValueLayout.JAVA_BYTE, IMMEDIATE_EXIT) != 0;
    LostMemory.check();
    return asked;
  }

  /** Takes what the program wrote since the last exit. */
  void take() {
    copy(shared, own, PORT_DATA, portBytes());
    copy(shared, own, 0, REGISTERS);
    registers = (run.validRegs() | run.dirtyRegs()) != 0;
    if (registers) {
      copy(shared, own, REGISTERS, REGISTERS_END - REGISTERS);
    }
    LostMemory.check();
  }

  /** Gives the program what KVM_RUN wrote. */
  void give() {
    copy(own, shared, PORT_DATA, portBytes());
    if (registers) { // which KVM has taken: they are no longer dirty
      copy(own, shared, SETS, REGISTERS_END - SETS);
    }
    copy(own, shared, FROM_KVM, SETS - FROM_KVM);
    LostMemory.check();
  }

  /** Of the last exit, in bytes. */
  private long portBytes() {
    long bytes = (long) run.ioSize() * run.ioCount();
    return run.exitReason() == KvmExit.IO && bytes > 0 ? Math.min(bytes, PORT_DATA_SIZE) : 0;
  }

  private static void copy(MemorySegment from, MemorySegment to, long offset, long size) {
    MemorySegment.copy(from, offset, to, offset, size);
  }
}
