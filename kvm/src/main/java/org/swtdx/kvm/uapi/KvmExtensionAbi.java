package org.swtdx.kvm.uapi;

/**
 * The capability, sub-commands and flags of this KVM's own: not in any release of Linux, and in
 * numbers that none uses. They exist only while the extension that they belong to is on.
 */
public final class KvmExtensionAbi {
  /**
   * The capability, on /dev/kvm and VMs: which extensions are on, as a bitmap; 0 when none is, as
   * for any unknown capability.
   */
  public static final int EXTENSIONS = 0x5357_0000;

  /** Bit of {@link #EXTENSIONS}: private memory is mapped in pages of 2 MiB. */
  public static final int LARGE_PRIVATE_PAGES = 1;

  /** Bit of {@link #EXTENSIONS}: {@link #TERMINATE_VM}. */
  public static final int TERMINATE = 2;

  /** Bit of {@link #EXTENSIONS}: TDs can be debugged. */
  public static final int DEBUG_TD = 4;

  /** {@code KVM_TDX_TERMINATE_VM}, VM scope, as the drafts number it; flags and data are 0. */
  public static final int TERMINATE_VM = 6;

  /** {@code KVM_TDX_CAP_TERMINATE_VM} of the drafts, in the capabilities' supported_caps. */
  public static final long CAP_TERMINATE_VM = 1;

  /**
   * Sub-command of KVM_MEMORY_ENCRYPT_OP on the file of a debuggable TD: reads guest memory,
   * private or shared. Data is the address of a {@link KvmDebugMemory}.
   */
  public static final int DEBUG_READ_MEMORY = 0x5357_0001;

  /** As {@link #DEBUG_READ_MEMORY}: writes guest memory. */
  public static final int DEBUG_WRITE_MEMORY = 0x5357_0002;

  private KvmExtensionAbi() {}
}
