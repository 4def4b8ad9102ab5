package org.swtdx.kvm;

import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.KvmClockData;
import org.swtdx.kvm.uapi.KvmCreateGuestMemfd;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmIrqLevel;
import org.swtdx.kvm.uapi.KvmIrqRouting;
import org.swtdx.kvm.uapi.KvmIrqchip;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmMsi;
import org.swtdx.kvm.uapi.KvmPitConfig;
import org.swtdx.kvm.uapi.KvmPitState2;
import org.swtdx.kvm.uapi.KvmReinjectControl;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.kvm.uapi.KvmVapicAddr;
import org.swtdx.kvm.uapi.Struct;

/**
 * A typed client of a VM's file: one method per ioctl. Results are non-negative, or a negative
 * error number of {@link org.swtdx.kvm.uapi.Errno}; every ioctl on a dead VM gives -EIO.
 */
public final class KvmVm {
  private final ClientFile file;

  KvmVm(ClientFile file) {
    this.file = file;
  }

  /** The descriptor. */
  public int fd() {
    return file.fd();
  }

  /** KVM_CHECK_EXTENSION on the VM. */
  public int checkExtension(int cap) {
    return file.call(KvmIoctl.CHECK_EXTENSION, cap);
  }

  /** KVM_ENABLE_CAP on the VM. */
  public int enableCap(KvmEnableCap cap) {
    return file.call(KvmIoctl.ENABLE_CAP, cap);
  }

  /** KVM_CREATE_VCPU: the descriptor of the new vCPU. */
  public int createVcpu(int id) {
    return file.call(KvmIoctl.CREATE_VCPU, id);
  }

  /** KVM_CREATE_GUEST_MEMFD: the descriptor of the new file. */
  public int createGuestMemfd(KvmCreateGuestMemfd request) {
    return file.call(KvmIoctl.CREATE_GUEST_MEMFD, request);
  }

  /** KVM_SET_USER_MEMORY_REGION. */
  public int setUserMemoryRegion(KvmUserspaceMemoryRegion region) {
    return file.call(KvmIoctl.SET_USER_MEMORY_REGION, region);
  }

  /** KVM_SET_USER_MEMORY_REGION2. */
  public int setUserMemoryRegion2(KvmUserspaceMemoryRegion2 region) {
    return file.call(KvmIoctl.SET_USER_MEMORY_REGION2, region);
  }

  /** KVM_SET_MEMORY_ATTRIBUTES. */
  public int setMemoryAttributes(KvmMemoryAttributes request) {
    return file.call(KvmIoctl.SET_MEMORY_ATTRIBUTES, request);
  }

  /**
   * KVM_MEMORY_ENCRYPT_OP with a TDX command; -ENOTTY on a VM that is no TD. {@code data} is the
   * structure that {@code cmd.data} points to where the sub-command has one: {@link
   * org.swtdx.kvm.uapi.KvmTdxCapabilities}, {@link org.swtdx.kvm.uapi.KvmTdxInitVm}.
   */
  public int memoryEncryptOp(KvmTdxCmd cmd, @Nullable Struct data) {
    return file.call(KvmIoctl.MEMORY_ENCRYPT_OP, cmd, data);
  }

  /** KVM_CREATE_IRQCHIP: 8259 pair and I/O APIC in the kernel; -ENOTTY on a TD. */
  public int createIrqchip() {
    return file.call(KvmIoctl.CREATE_IRQCHIP, 0);
  }

  /** KVM_GET_IRQCHIP: the state of the chip that the structure names. */
  public int getIrqchip(KvmIrqchip chip) {
    return file.call(KvmIoctl.GET_IRQCHIP, chip);
  }

  /** KVM_SET_IRQCHIP. */
  public int setIrqchip(KvmIrqchip chip) {
    return file.call(KvmIoctl.SET_IRQCHIP, chip);
  }

  /** KVM_CREATE_PIT2: the 8254 in the kernel; -ENOENT without {@link #createIrqchip}. */
  public int createPit2(KvmPitConfig config) {
    return file.call(KvmIoctl.CREATE_PIT2, config);
  }

  /** KVM_GET_PIT2. */
  public int getPit2(KvmPitState2 state) {
    return file.call(KvmIoctl.GET_PIT2, state);
  }

  /** KVM_SET_PIT2. */
  public int setPit2(KvmPitState2 state) {
    return file.call(KvmIoctl.SET_PIT2, state);
  }

  /**
   * KVM_REINJECT_CONTROL: accepted; ticks are sent when they are due, and one that finds the last
   * one still requested is lost, whatever is chosen.
   */
  public int reinjectControl(KvmReinjectControl control) {
    return file.call(KvmIoctl.REINJECT_CONTROL, control);
  }

  /** KVM_SIGNAL_MSI: 1 delivered, 0 blocked by the guest. */
  public int signalMsi(KvmMsi msi) {
    return file.call(KvmIoctl.SIGNAL_MSI, msi);
  }

  /** KVM_SET_GSI_ROUTING. */
  public int setGsiRouting(KvmIrqRouting routing) {
    return file.call(KvmIoctl.SET_GSI_ROUTING, routing);
  }

  /** KVM_IRQ_LINE: drives a GSI; a route to a message sends it at each call with a level of 1. */
  public int irqLine(KvmIrqLevel level) {
    return file.call(KvmIoctl.IRQ_LINE, level);
  }

  /**
   * KVM_IRQ_LINE_STATUS: as {@link #irqLine}, and the structure's first field then says how many
   * took it, 0 if it joined an earlier one, -1 if nobody did.
   */
  public int irqLineStatus(KvmIrqLevel level) {
    return file.call(KvmIoctl.IRQ_LINE_STATUS, level);
  }

  /** KVM_SET_TSC_KHZ: TSC frequency of vCPUs created later; 0 is the host's. */
  public int setTscKhz(int khz) {
    return file.call(KvmIoctl.SET_TSC_KHZ, khz);
  }

  /** KVM_GET_TSC_KHZ. */
  public int getTscKhz() {
    return file.call(KvmIoctl.GET_TSC_KHZ, 0);
  }

  /** KVM_SET_TSS_ADDR: accepted, needed by no processor here. */
  public int setTssAddr(long address) {
    return file.call(KvmIoctl.SET_TSS_ADDR, address);
  }

  /** KVM_SET_IDENTITY_MAP_ADDR: accepted before the first vCPU, needed by no processor here. */
  public int setIdentityMapAddr(long address) {
    return file.call(KvmIoctl.SET_IDENTITY_MAP_ADDR, new KvmVapicAddr().vapicAddr(address));
  }

  /** KVM_GET_CLOCK. */
  public int getClock(KvmClockData clock) {
    return file.call(KvmIoctl.GET_CLOCK, clock);
  }

  /** KVM_SET_CLOCK. */
  public int setClock(KvmClockData clock) {
    return file.call(KvmIoctl.SET_CLOCK, clock);
  }
}
