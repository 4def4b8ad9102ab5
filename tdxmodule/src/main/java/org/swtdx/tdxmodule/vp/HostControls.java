package org.swtdx.tdxmodule.vp;

import org.swtdx.cpu.Processor;
import org.swtdx.cpu.VmControls;
import org.swtdx.tdxmodule.sept.SecureEptMap;

/**
 * The few VMCS fields of a vCPU that its host may write with TDH.VP.WR: posted interrupts, the
 * shared EPT, bus-lock and notification exits. Values are checked by the field's write rule.
 */
public final class HostControls {
  /** VMCS field codes. */
  public static final int POSTED_INTERRUPT_VECTOR = 0x0002,
      POSTED_INTERRUPT_DESCRIPTOR = 0x2016,
      SHARED_EPTP = 0x203c;

  /** Pin-based control: process posted interrupts. */
  public static final int PROCESS_POSTED_INTERRUPTS = 1 << 7;

  /** Secondary controls: bus-lock detection and notification exits. */
  public static final int BUS_LOCK_AND_NOTIFY = 0xc0000000;

  /** What an address reads that the host has not given. */
  public static final long NO_ADDRESS = -1;

  private static final int NO_VECTOR = 0xffff;
  private static final int PIN_BASED = 0x29;
  private static final int SECONDARY = 0x133cb3fa;

  private final VmControls controls;
  private final SecureEptMap map;
  private boolean vectorSet;
  private boolean descriptorSet;
  private long sharedEptp = NO_ADDRESS;
  private int secondary;
  private int instructionTimeout;

  HostControls(Processor processor, SecureEptMap map) {
    controls = processor.controls();
    this.map = map;
  }

  /** Posted-interrupt notification vector; all ones before it was set. */
  public int notificationVector() {
    return vectorSet ? controls.postedInterruptVector : NO_VECTOR;
  }

  /** Sets the notification vector. */
  public void setNotificationVector(int vector) {
    controls.postedInterruptVector = vector;
    vectorSet = true;
  }

  /** HPA of the posted-interrupt descriptor, or {@link #NO_ADDRESS}. */
  public long interruptDescriptor() {
    return descriptorSet ? controls.postedInterruptDescriptor : NO_ADDRESS;
  }

  /** Sets the HPA of the posted-interrupt descriptor: shared memory, 64-byte aligned. */
  public void setInterruptDescriptor(long hpa) {
    controls.postedInterruptDescriptor = hpa;
    descriptorSet = true;
  }

  /** The field that must be written before posted interrupts are enabled, or -1 if none is left. */
  public int missingField() {
    if (!vectorSet) {
      return POSTED_INTERRUPT_VECTOR;
    }
    return descriptorSet ? -1 : POSTED_INTERRUPT_DESCRIPTOR;
  }

  /** Pin-based VM-execution controls. */
  public int pinBased() {
    return controls.postedInterrupts ? PIN_BASED | PROCESS_POSTED_INTERRUPTS : PIN_BASED;
  }

  /** Turns posted-interrupt processing on or off. */
  public void setPostedInterrupts(boolean on) {
    controls.postedInterrupts = on;
  }

  /** Shared EPT pointer, or {@link #NO_ADDRESS}. */
  public long sharedEptp() {
    return sharedEptp;
  }

  /** Sets the root of the shared EPT. */
  public void setSharedEptp(long hpa) {
    sharedEptp = hpa;
    map.setSharedEptPointer(hpa);
  }

  /** Secondary VM-execution controls. */
  public int secondary() {
    return SECONDARY | secondary;
  }

  /** Sets the bus-lock and notification bits; this processor has neither event. */
  public void setSecondary(int value) {
    secondary = value & BUS_LOCK_AND_NOTIFY;
  }

  /** Instruction timeout of notification exits. */
  public int instructionTimeout() {
    return instructionTimeout;
  }

  /** Sets the instruction timeout. */
  public void setInstructionTimeout(int value) {
    instructionTimeout = value;
  }
}
