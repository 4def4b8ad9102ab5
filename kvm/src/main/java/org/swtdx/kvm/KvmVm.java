package org.swtdx.kvm;

import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.KvmClockData;
import org.swtdx.kvm.uapi.KvmCreateGuestMemfd;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmIrqLevel;
import org.swtdx.kvm.uapi.KvmIrqRouting;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmMsi;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.kvm.uapi.Struct;

/** A VM descriptor: the VM ioctls. Results are non-negative, or a negative error number. */
public final class KvmVm {
  /** The descriptor. */
  public int fd() {
    throw new UnsupportedOperationException();
  }

  /** KVM_CHECK_EXTENSION on the VM. */
  public int checkExtension(int cap) {
    throw new UnsupportedOperationException();
  }

  /** KVM_ENABLE_CAP on the VM. */
  public int enableCap(KvmEnableCap cap) {
    throw new UnsupportedOperationException();
  }

  /** KVM_CREATE_VCPU: the descriptor of the new vCPU. */
  public int createVcpu(int id) {
    throw new UnsupportedOperationException();
  }

  /** KVM_CREATE_GUEST_MEMFD: the descriptor of the new file. */
  public int createGuestMemfd(KvmCreateGuestMemfd request) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_USER_MEMORY_REGION. */
  public int setUserMemoryRegion(KvmUserspaceMemoryRegion region) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_USER_MEMORY_REGION2. */
  public int setUserMemoryRegion2(KvmUserspaceMemoryRegion2 region) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_MEMORY_ATTRIBUTES. */
  public int setMemoryAttributes(KvmMemoryAttributes attributes) {
    throw new UnsupportedOperationException();
  }

  /**
   * KVM_MEMORY_ENCRYPT_OP with a TDX command. {@code data} is the structure that {@code cmd.data}
   * points to where the sub-command has one: {@link org.swtdx.kvm.uapi.KvmTdxCapabilities}, {@link
   * org.swtdx.kvm.uapi.KvmTdxInitVm}.
   */
  public int memoryEncryptOp(KvmTdxCmd cmd, @Nullable Struct data) {
    throw new UnsupportedOperationException();
  }

  /**
   * KVM_CREATE_IRQCHIP: refused, the interrupt controllers other than local APICs are user space's.
   */
  public int createIrqchip() {
    throw new UnsupportedOperationException();
  }

  /** KVM_SIGNAL_MSI: 1 delivered, 0 blocked by the guest. */
  public int signalMsi(KvmMsi msi) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_GSI_ROUTING. */
  public int setGsiRouting(KvmIrqRouting routing) {
    throw new UnsupportedOperationException();
  }

  /** KVM_IRQ_LINE: raises a GSI through its MSI route. */
  public int irqLine(KvmIrqLevel level) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_TSC_KHZ: default TSC frequency of vCPUs; 0 is the host's. */
  public int setTscKhz(int khz) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_TSC_KHZ. */
  public int getTscKhz() {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_TSS_ADDR: accepted, needed by no processor here. */
  public int setTssAddr(long address) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_IDENTITY_MAP_ADDR: accepted, needed by no processor here. */
  public int setIdentityMapAddr(long address) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_CLOCK. */
  public int getClock(KvmClockData clock) {
    throw new UnsupportedOperationException();
  }

  /** KVM_SET_CLOCK. */
  public int setClock(KvmClockData clock) {
    throw new UnsupportedOperationException();
  }
}
