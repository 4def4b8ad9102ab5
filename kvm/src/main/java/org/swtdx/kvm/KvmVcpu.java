package org.swtdx.kvm;

import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmDebugRegs;
import org.swtdx.kvm.uapi.KvmFpu;
import org.swtdx.kvm.uapi.KvmGuestDebug;
import org.swtdx.kvm.uapi.KvmInterrupt;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmSregs2;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmTranslation;
import org.swtdx.kvm.uapi.KvmVcpuEvents;
import org.swtdx.kvm.uapi.KvmXcrs;
import org.swtdx.kvm.uapi.KvmXsave;
import org.swtdx.kvm.uapi.Struct;

/**
 * A typed client of a vCPU's file: one method per ioctl. Results are non-negative, or a negative
 * error number of {@link org.swtdx.kvm.uapi.Errno}; every ioctl on a dead VM gives -EIO.
 */
public final class KvmVcpu {
  private final ClientFile file;

  KvmVcpu(ClientFile file) {
    this.file = file;
  }

  private VcpuFile vcpu() {
    return (VcpuFile) file.file();
  }

  /** The descriptor. */
  public int fd() {
    return file.fd();
  }

  /** The area that mmap of the descriptor gives. */
  public KvmRun kvmRun() {
    return new KvmRun(vcpu().runArea());
  }

  /**
   * KVM_RUN: 0 with an exit in {@link #kvmRun}, or a negative error number: -EINTR when
   * interrupted, -EFAULT with KVM_EXIT_MEMORY_FAULT filled in. One thread at a time.
   */
  public int run() {
    return file.call(KvmIoctl.RUN, 0);
  }

  /**
   * Sends a signal to the thread in {@link #run}: it returns -EINTR, now or at its next call. Any
   * thread.
   */
  public void kick() {
    vcpu().kick();
  }

  /**
   * KVM_MEMORY_ENCRYPT_OP with a TDX command. {@code data} is the structure that {@code cmd.data}
   * points to where the sub-command has one: {@link org.swtdx.kvm.uapi.KvmTdxInitMemRegion}, {@link
   * KvmCpuid2}.
   */
  public int memoryEncryptOp(KvmTdxCmd cmd, @Nullable Struct data) {
    return file.call(KvmIoctl.MEMORY_ENCRYPT_OP, cmd, data);
  }

  /** KVM_SET_CPUID2. */
  public int setCpuid2(KvmCpuid2 cpuid) {
    return file.call(KvmIoctl.SET_CPUID2, cpuid);
  }

  /** KVM_GET_CPUID2: -E2BIG when it does not fit. */
  public int getCpuid2(KvmCpuid2 cpuid) {
    return file.call(KvmIoctl.GET_CPUID2, cpuid);
  }

  /** KVM_NMI: makes an NMI pending. */
  public int nmi() {
    return file.call(KvmIoctl.NMI, 0);
  }

  /**
   * KVM_INTERRUPT: an interrupt of user space's 8259s; -EEXIST while one is pending, -ENXIO when
   * they are the kernel's, -EINVAL on a TD.
   */
  public int interrupt(KvmInterrupt value) {
    return file.call(KvmIoctl.INTERRUPT, value);
  }

  /** KVM_PRE_FAULT_MEMORY: maps a range as faults would; the structure says what is left. */
  public int preFaultMemory(KvmPreFaultMemory range) {
    return file.call(KvmIoctl.PRE_FAULT_MEMORY, range);
  }

  /** KVM_GET_MP_STATE. */
  public int getMpState(KvmMpState state) {
    return file.call(KvmIoctl.GET_MP_STATE, state);
  }

  /** KVM_SET_MP_STATE. */
  public int setMpState(KvmMpState state) {
    return file.call(KvmIoctl.SET_MP_STATE, state);
  }

  /** KVM_GET_MSRS: how many leading entries were read. */
  public int getMsrs(KvmMsrs msrs) {
    return file.call(KvmIoctl.GET_MSRS, msrs);
  }

  /** KVM_SET_MSRS: how many leading entries were written. */
  public int setMsrs(KvmMsrs msrs) {
    return file.call(KvmIoctl.SET_MSRS, msrs);
  }

  /** KVM_GET_TSC_KHZ. */
  public int getTscKhz() {
    return file.call(KvmIoctl.GET_TSC_KHZ, 0);
  }

  /** KVM_SET_TSC_KHZ; -EINVAL on a TD, whose TSC is protected. */
  public int setTscKhz(int khz) {
    return file.call(KvmIoctl.SET_TSC_KHZ, khz);
  }

  /** KVM_GET_VCPU_EVENTS. */
  public int getVcpuEvents(KvmVcpuEvents value) {
    return file.call(KvmIoctl.GET_VCPU_EVENTS, value);
  }

  /** KVM_SET_VCPU_EVENTS. */
  public int setVcpuEvents(KvmVcpuEvents value) {
    return file.call(KvmIoctl.SET_VCPU_EVENTS, value);
  }

  /** KVM_GET_REGS; -EINVAL on a TD that cannot be debugged. */
  public int getRegs(KvmRegs value) {
    return file.call(KvmIoctl.GET_REGS, value);
  }

  /** KVM_SET_REGS; -EINVAL on a TD that cannot be debugged. */
  public int setRegs(KvmRegs value) {
    return file.call(KvmIoctl.SET_REGS, value);
  }

  /** KVM_GET_SREGS; -EINVAL on a TD that cannot be debugged. */
  public int getSregs(KvmSregs value) {
    return file.call(KvmIoctl.GET_SREGS, value);
  }

  /** KVM_SET_SREGS; -EINVAL on a TD that cannot be debugged. */
  public int setSregs(KvmSregs value) {
    return file.call(KvmIoctl.SET_SREGS, value);
  }

  /** KVM_GET_SREGS2: with the PDPTEs; -EINVAL on a TD that cannot be debugged. */
  public int getSregs2(KvmSregs2 value) {
    return file.call(KvmIoctl.GET_SREGS2, value);
  }

  /** KVM_SET_SREGS2; -EINVAL on a TD that cannot be debugged. */
  public int setSregs2(KvmSregs2 value) {
    return file.call(KvmIoctl.SET_SREGS2, value);
  }

  /** KVM_GET_FPU; -EINVAL on a TD that cannot be debugged. */
  public int getFpu(KvmFpu value) {
    return file.call(KvmIoctl.GET_FPU, value);
  }

  /** KVM_SET_FPU; -EINVAL on a TD that cannot be debugged. */
  public int setFpu(KvmFpu value) {
    return file.call(KvmIoctl.SET_FPU, value);
  }

  /** KVM_GET_LAPIC; -EINVAL on a TD that cannot be debugged. */
  public int getLapic(KvmLapicState value) {
    return file.call(KvmIoctl.GET_LAPIC, value);
  }

  /** KVM_SET_LAPIC; -EINVAL on a TD that cannot be debugged. */
  public int setLapic(KvmLapicState value) {
    return file.call(KvmIoctl.SET_LAPIC, value);
  }

  /** KVM_GET_XSAVE; -EINVAL on a TD that cannot be debugged. */
  public int getXsave(KvmXsave value) {
    return file.call(KvmIoctl.GET_XSAVE, value);
  }

  /** KVM_SET_XSAVE; -EINVAL on a TD that cannot be debugged. */
  public int setXsave(KvmXsave value) {
    return file.call(KvmIoctl.SET_XSAVE, value);
  }

  /** KVM_GET_XCRS; -EINVAL on a TD that cannot be debugged. */
  public int getXcrs(KvmXcrs value) {
    return file.call(KvmIoctl.GET_XCRS, value);
  }

  /** KVM_SET_XCRS; -EINVAL on a TD that cannot be debugged. */
  public int setXcrs(KvmXcrs value) {
    return file.call(KvmIoctl.SET_XCRS, value);
  }

  /**
   * KVM_SET_GUEST_DEBUG: single steps and breakpoints that end KVM_RUN with KVM_EXIT_DEBUG; -EINVAL
   * on a TD that cannot be debugged.
   */
  public int setGuestDebug(KvmGuestDebug value) {
    return file.call(KvmIoctl.SET_GUEST_DEBUG, value);
  }

  /** KVM_TRANSLATE: a linear address through the guest's page tables. */
  public int translate(KvmTranslation value) {
    return file.call(KvmIoctl.TRANSLATE, value);
  }

  /** KVM_GET_DEBUGREGS; -EINVAL on a TD that cannot be debugged. */
  public int getDebugRegs(KvmDebugRegs value) {
    return file.call(KvmIoctl.GET_DEBUGREGS, value);
  }

  /** KVM_SET_DEBUGREGS; -EINVAL on a TD that cannot be debugged. */
  public int setDebugRegs(KvmDebugRegs value) {
    return file.call(KvmIoctl.SET_DEBUGREGS, value);
  }
}
