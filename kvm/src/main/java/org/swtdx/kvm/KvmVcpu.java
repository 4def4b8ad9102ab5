package org.swtdx.kvm;

import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmDebugRegs;
import org.swtdx.kvm.uapi.KvmFpu;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmVcpuEvents;
import org.swtdx.kvm.uapi.KvmXcrs;
import org.swtdx.kvm.uapi.KvmXsave;
import org.swtdx.kvm.uapi.Struct;

/** A vCPU descriptor: the vCPU ioctls. Results are non-negative, or a negative error number. */
public final class KvmVcpu {
  /** The descriptor. */
  public int fd() {
    throw new UnsupportedOperationException();
  }

  /** The area that mmap of the descriptor gives. */
  public KvmRun kvmRun() {
    throw new UnsupportedOperationException();
  }

  /**
   * KVM_RUN: 0 with an exit in {@link #kvmRun}, or a negative error number: -EINTR when
   * interrupted, -EFAULT with KVM_EXIT_MEMORY_FAULT filled in. One thread at a time.
   */
  public int run() {
    throw new UnsupportedOperationException();
  }

  /**
   * Sends a signal to the thread in {@link #run}: it returns -EINTR, now or at its next call. Any
   * thread.
   */
  public void kick() {
    throw new UnsupportedOperationException();
  }

  /**
   * KVM_MEMORY_ENCRYPT_OP with a TDX command. {@code data} is the structure that {@code cmd.data}
   * points to where the sub-command has one: {@link org.swtdx.kvm.uapi.KvmTdxInitMemRegion}, {@link
   * KvmCpuid2}.
   */
  public int memoryEncryptOp(KvmTdxCmd cmd, @Nullable Struct data) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_CPUID2. */
  public int setCpuid2(KvmCpuid2 cpuid) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_CPUID2: -E2BIG sets the needed size. */
  public int getCpuid2(KvmCpuid2 cpuid) {
    throw new UnsupportedOperationException();
  }

  /** KVM_NMI: makes an NMI pending. */
  public int nmi() {
    throw new UnsupportedOperationException();
  }

  /** KVM_PRE_FAULT_MEMORY. */
  public int preFaultMemory(KvmPreFaultMemory range) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_MP_STATE. */
  public int getMpState(KvmMpState state) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_MP_STATE. */
  public int setMpState(KvmMpState state) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_MSRS: how many leading entries were read. */
  public int getMsrs(KvmMsrs msrs) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_MSRS: how many leading entries were written. */
  public int setMsrs(KvmMsrs msrs) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_TSC_KHZ. */
  public int getTscKhz() {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_TSC_KHZ. */
  public int setTscKhz(int khz) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_REGS; -EINVAL on a TD. */
  public int getRegs(KvmRegs value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_REGS; -EINVAL on a TD. */
  public int setRegs(KvmRegs value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_SREGS; -EINVAL on a TD. */
  public int getSregs(KvmSregs value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_SREGS; -EINVAL on a TD. */
  public int setSregs(KvmSregs value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_FPU; -EINVAL on a TD. */
  public int getFpu(KvmFpu value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_FPU; -EINVAL on a TD. */
  public int setFpu(KvmFpu value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_LAPIC; -EINVAL on a TD. */
  public int getLapic(KvmLapicState value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_LAPIC; -EINVAL on a TD. */
  public int setLapic(KvmLapicState value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_XSAVE; -EINVAL on a TD. */
  public int getXsave(KvmXsave value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_XSAVE; -EINVAL on a TD. */
  public int setXsave(KvmXsave value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_XCRS; -EINVAL on a TD. */
  public int getXcrs(KvmXcrs value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_XCRS; -EINVAL on a TD. */
  public int setXcrs(KvmXcrs value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_DEBUGREGS; -EINVAL on a TD. */
  public int getDebugRegs(KvmDebugRegs value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_DEBUGREGS; -EINVAL on a TD. */
  public int setDebugRegs(KvmDebugRegs value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_VCPU_EVENTS. */
  public int getVcpuEvents(KvmVcpuEvents value) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_VCPU_EVENTS. */
  public int setVcpuEvents(KvmVcpuEvents value) {
    throw new UnsupportedOperationException();
  }
}
