package org.swtdx.tdxmodule.platform;

/**
 * The host's model-specific registers of one logical processor that the module looks at, because a
 * host could mislead a TD with them. They start as firmware leaves them.
 */
public final class HostMsrs {
  /** IA32_TSC_ADJUST. */
  public static final int TSC_ADJUST = 0x3b;

  /** IA32_MISC_ENABLE. */
  public static final int MISC_ENABLE = 0x1a0;

  /** IA32_MISC_ENABLE: CPUID is limited to leaf 3. */
  public static final long LIMIT_CPUID_MAXVAL = 1L << 22;

  /** IA32_MISC_ENABLE: MONITOR and MWAIT work. */
  public static final long ENABLE_MONITOR_FSM = 1L << 18;

  /** Value of IA32_TSC_ADJUST. */
  public volatile long tscAdjust;

  /** Value of IA32_MISC_ENABLE. */
  public volatile long miscEnable = 1 | ENABLE_MONITOR_FSM;

  HostMsrs() {}
}
