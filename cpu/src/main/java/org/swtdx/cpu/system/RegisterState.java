package org.swtdx.cpu.system;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.fpu.ExtendedRegisters;

/** The core's registers as the owner of the processor sees them between VM exits. */
public final class RegisterState implements CpuState {
  private final GuestSystem system;
  private final Core core;

  /** Views the registers of {@code system}. */
  public RegisterState(GuestSystem system) {
    this.system = system;
    this.core = system.core;
  }

  @Override
  public long gpr(int index) {
    return core.gpr[index & 15];
  }

  @Override
  public void setGpr(int index, long value) {
    core.gpr[index & 15] = value;
  }

  @Override
  public long rip() {
    return core.rip;
  }

  @Override
  public void setRip(long value) {
    core.rip = value;
  }

  @Override
  public long rflags() {
    return core.getFlags();
  }

  @Override
  public void setRflags(long value) {
    core.setFlags(value);
    system.controlRegisters.refreshPrivilege();
  }

  @Override
  public SegmentRegister segment(int index) {
    return new SegmentRegister(
        core.selector[index],
        core.segmentBase[index],
        core.segmentLimit[index],
        core.accessRights[index]);
  }

  @Override
  public void setSegment(int index, SegmentRegister value) {
    core.selector[index] = value.selector();
    core.segmentBase[index] = value.base();
    core.segmentLimit[index] = value.limit();
    core.accessRights[index] = value.accessRights();
    system.controlRegisters.refreshPrivilege();
  }

  @Override
  public long gdtBase() {
    return core.gdtBase;
  }

  @Override
  public int gdtLimit() {
    return core.gdtLimit;
  }

  @Override
  public void setGdt(long base, int limit) {
    core.gdtBase = base;
    core.gdtLimit = limit;
  }

  @Override
  public long idtBase() {
    return core.idtBase;
  }

  @Override
  public int idtLimit() {
    return core.idtLimit;
  }

  @Override
  public void setIdt(long base, int limit) {
    core.idtBase = base;
    core.idtLimit = limit;
  }

  @Override
  public long cr(int number) {
    return switch (number) {
      case 0 -> core.cr0;
      case 2 -> core.cr2;
      case 3 -> core.cr3;
      case 4 -> core.cr4;
      default -> system.apic.taskPriority() >>> 4;
    };
  }

  @Override
  public void setCr(int number, long value) {
    system.controlRegisters.set(number, value);
    system.controlRegisters.refreshPrivilege();
  }

  @Override
  public boolean readPdptes(long[] target) {
    return system.controlRegisters.readPointers(target);
  }

  @Override
  public void writePdptes(long[] values) {
    system.controlRegisters.writePointers(values);
  }

  @Override
  public long dr(int number) {
    return core.dr[number];
  }

  @Override
  public void setDr(int number, long value) {
    system.debugging.set(number, value);
  }

  @Override
  public long xcr0() {
    return core.xcr0;
  }

  @Override
  public void setXcr0(long value) {
    core.xcr0 = value;
    core.modeChanged();
  }

  @Override
  public long msr(int index) {
    return system.msrs.read(index);
  }

  @Override
  public boolean setMsr(int index, long value) {
    return system.msrs.set(index, value);
  }

  @Override
  public int cpl() {
    return core.cpl;
  }

  @Override
  public boolean in64BitMode() {
    return core.code64;
  }

  @Override
  public int activityState() {
    return system.activity;
  }

  @Override
  public void setActivityState(int state) {
    system.activity = state;
  }

  @Override
  public int interruptibility() {
    return system.interruptibility;
  }

  @Override
  public void setInterruptibility(int value) {
    system.interruptibility = value;
  }

  @Override
  public long pendingDebug() {
    return system.debugging.pending();
  }

  @Override
  public void setPendingDebug(long value) {
    system.debugging.setPending(value);
  }

  @Override
  public void readXsave(byte[] area) {
    ExtendedRegisters.read(core, area);
  }

  @Override
  public void writeXsave(byte[] area) {
    ExtendedRegisters.write(core, area);
  }

  @Override
  public void readXmm(int index, long[] target) {
    target[0] = core.vec[4 * index];
    target[1] = core.vec[4 * index + 1];
  }

  @Override
  public void writeXmm(int index, long low, long high) {
    core.vec[4 * index] = low;
    core.vec[4 * index + 1] = high;
  }
}
