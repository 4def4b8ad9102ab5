package org.swtdx.tdxmodule.platform;

/** Where the module is between load and shutdown, TDX Module Base Spec, "Module Lifecycle". */
public enum SystemState {
  /** TDH.SYS.INIT comes next. */
  SYSINIT_PENDING,
  /** TDH.SYS.LP.INIT on every LP, then TDH.SYS.CONFIG. */
  SYSINIT_DONE,
  /** TDH.SYS.KEY.CONFIG on every package. */
  SYSCONFIG_DONE,
  /** TDs may be created. */
  SYS_READY,
  /** Only left by loading a module again. */
  SYS_SHUTDOWN
}
