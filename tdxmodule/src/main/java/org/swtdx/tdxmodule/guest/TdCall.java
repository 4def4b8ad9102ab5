package org.swtdx.tdxmodule.guest;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.EptFault;
import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.tdxmodule.platform.SharexLock;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.table.LeafRow;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.vp.EptViolation;
import org.swtdx.tdxmodule.vp.GuestContext;

/** One TDCALL being executed: its operands and what leaves share. */
final class TdCall {
  /** Outcome: the guest resumes at the TDCALL, with an exception that was injected. */
  static final long RESUME_UNCHANGED = 0x0fff_0000_0000_0000L;

  /** Outcome: an interrupt comes first; the guest executes the TDCALL again after it. */
  static final long INTERRUPTED = 0x0fff_0000_0000_0003L;

  /** Outcome: leave the TD; the next entry executes the TDCALL again. */
  static final long LEAVE_AND_REPEAT = 0x0fff_0000_0000_0001L;

  /** Outcome: leave the TD; the next entry goes on after the TDCALL. */
  static final long LEAVE = 0x0fff_0000_0000_0002L;

  /** {@link #locate} result: the access failed; return {@link #interruption}. */
  static final long NOT_ACCESSIBLE = -1;

  private final GuestContext vcpu;
  private final CpuState state;
  private final LeafRow leaf;
  private final int version;
  private long interruption;

  TdCall(GuestContext vcpu, LeafRow leaf, int version) {
    this.vcpu = vcpu;
    this.leaf = leaf;
    this.version = version;
    state = vcpu.state();
  }

  /** The calling vCPU. */
  GuestContext vcpu() {
    return vcpu;
  }

  /** Its TD. */
  Tdcs tdcs() {
    return vcpu.tdcs();
  }

  /** The version that the caller asked for. */
  int version() {
    return version;
  }

  /** Whether this leaf accepts a Secure EPT entry's state. */
  boolean accepts(SeptState state) {
    return (leaf.septStates() & state.bit()) != 0;
  }

  /** A register operand; numbers as in {@link Operand}, which are those of the registers. */
  long get(int register) {
    return state.gpr(register);
  }

  /** Sets an output register. */
  void set(int register, long value) {
    state.setGpr(register, value);
  }

  /** Refuses a misaligned GPA operand. */
  static void checkAligned(long gpa, long alignment, int operand) throws Refusal {
    Refusal.operandInvalidIf((gpa & alignment - 1) != 0, operand);
  }

  /** Refuses a GPA operand that is beyond the guest's address width. */
  void checkGpa(long gpa, int operand) throws Refusal {
    Refusal.operandInvalidIf((gpa & vcpu.td().reservedAddressBits()) != 0, operand);
  }

  /** Refuses a GPA operand that is misaligned, beyond the guest's address width, or shared. */
  void checkPrivateGpa(long gpa, long alignment, int operand) throws Refusal {
    checkAligned(gpa, alignment, operand);
    checkGpa(gpa, operand);
    Refusal.operandInvalidIf((gpa & vcpu.td().sharedBit()) != 0, operand);
  }

  /**
   * Translates a GPA for an access by this leaf. When that fails the guest gets #VE or the TD is
   * left, as for an access of its own; the leaf returns {@link #interruption} then.
   *
   * @param access {@link GuestPhysicalMap#READ} or {@link GuestPhysicalMap#WRITE}
   * @return the keyed HPA, valid for the rest of the 4 KiB page, or {@link #NOT_ACCESSIBLE}
   */
  long locate(long gpa, int access) {
    EptFault fault = new EptFault();
    long keyed = vcpu.map().translate(gpa, access, fault);
    if (keyed == GuestPhysicalMap.FAULT) {
      boolean resume = EptViolation.ofLeaf(vcpu, gpa, access, fault);
      interruption = resume ? RESUME_UNCHANGED : LEAVE_AND_REPEAT;
      return NOT_ACCESSIBLE;
    }
    return keyed;
  }

  /** What the leaf returns after {@link #locate} failed. */
  long interruption() {
    return interruption;
  }

  /** Whether the lock of {@code operand} shall be found held elsewhere. */
  boolean disturbed(int operand) {
    return vcpu.platform().disturbances().busyForGuest(operand);
  }

  /** Whether an interrupt is pending on the processor, for which a long leaf ends early. */
  boolean interruptPending() {
    return vcpu.platform().interruptPending(vcpu.lp());
  }

  /** Takes a TD-scope lock for this leaf; the caller releases it. */
  void lock(SharexLock lock, boolean exclusive, int operand) throws Refusal {
    if (disturbed(operand) || !lock.tryGuest(exclusive)) {
      throw new Refusal(
          lock.hostHasPriority() ? Status.OPERAND_BUSY_HOST_PRIORITY : Status.OPERAND_BUSY,
          operand);
    }
  }

  /** Takes an entry's lock, which blames RCX; the caller releases it. */
  void lock(SeptEntry entry) throws Refusal {
    if (disturbed(Operand.RCX) || !entry.tryLockGuest()) {
      throw new Refusal(
          entry.hostHasPriority() ? Status.OPERAND_BUSY_HOST_PRIORITY : Status.OPERAND_BUSY,
          Operand.RCX);
    }
  }
}
