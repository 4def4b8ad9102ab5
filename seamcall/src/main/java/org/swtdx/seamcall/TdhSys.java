package org.swtdx.seamcall;

import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.KeyId;
import org.swtdx.seamcall.port.SeamRegisters;

/** The TDH.SYS.* leaves: the module's own life. Bring-up and update call them, nobody else. */
public final class TdhSys {
  private static final int INFO_SIZE = 1024;
  private static final int CMR_INFO_ENTRIES = 32;

  private final SeamcallGate gate;

  TdhSys(SeamcallGate gate) {
    this.gate = gate;
  }

  public static final Leaf INIT = new Leaf("TDH.SYS.INIT", 33, 0);

  /** TDH.SYS.INIT: first call after the module was loaded. */
  TdxStatus init(LogicalProcessor lp) {
    return gate.call(lp, INIT, gate.operands(lp, 0, 0, 0, 0));
  }

  public static final Leaf LP_INIT = new Leaf("TDH.SYS.LP.INIT", 35, 0);

  /** TDH.SYS.LP.INIT: once on each logical processor. */
  TdxStatus lpInit(LogicalProcessor lp) {
    return gate.call(lp, LP_INIT, gate.operands(lp, 0, 0, 0, 0));
  }

  public static final Leaf RD = new Leaf("TDH.SYS.RD", 34, 0);

  /** TDH.SYS.RD: reads a global metadata field. */
  FieldReply read(LogicalProcessor lp, long fieldId) {
    SeamRegisters regs = gate.operands(lp, 0, fieldId, 0, 0);
    TdxStatus status = gate.call(lp, RD, regs);
    return new FieldReply(status, regs.r8, regs.rdx);
  }

  public static final Leaf CONFIG = new Leaf("TDH.SYS.CONFIG", 45, 0);

  /** TDH.SYS.CONFIG: describes the TDMRs and chooses the global KeyID. */
  TdxStatus config(LogicalProcessor lp, Hpa pointers, int count, KeyId global) {
    return gate.call(lp, CONFIG, gate.operands(lp, pointers.value(), count, global.value(), 0));
  }

  public static final Leaf KEY_CONFIG = new Leaf("TDH.SYS.KEY.CONFIG", 31, 0);

  /** TDH.SYS.KEY.CONFIG: programs the global key on {@code lp}'s package. */
  TdxStatus keyConfig(LogicalProcessor lp) {
    return gate.call(lp, KEY_CONFIG, gate.operands(lp, 0, 0, 0, 0));
  }

  public static final Leaf TDMR_INIT = new Leaf("TDH.SYS.TDMR.INIT", 36, 0);

  /** TDH.SYS.TDMR.INIT: initialises a part of a TDMR; {@code value} is how far it got. */
  FieldReply tdmrInit(LogicalProcessor lp, Hpa base) {
    SeamRegisters regs = gate.operands(lp, base.value(), 0, 0, 0);
    TdxStatus status = gate.call(lp, TDMR_INIT, regs);
    return new FieldReply(status, regs.rdx, 0);
  }

  public static final Leaf INFO = new Leaf("TDH.SYS.INFO", 32, 0);

  /**
   * TDH.SYS.INFO: writes TDSYSINFO_STRUCT and CMR_INFO entries; {@code value} is the number of the
   * latter.
   */
  FieldReply info(LogicalProcessor lp, Hpa buffer, Hpa cmrs) {
    SeamRegisters regs =
        gate.operands(lp, buffer.value(), INFO_SIZE, cmrs.value(), CMR_INFO_ENTRIES);
    TdxStatus status = gate.call(lp, INFO, regs);
    return new FieldReply(status, regs.r9, 0);
  }

  public static final Leaf RDALL = new Leaf("TDH.SYS.RDALL", 37, 0);

  /** TDH.SYS.RDALL: writes a list of fields into a page; {@code next} is what did not fit. */
  FieldReply readAll(LogicalProcessor lp, Hpa page, long firstFieldId) {
    SeamRegisters regs = gate.operands(lp, 0, page.value(), firstFieldId, 0);
    TdxStatus status = gate.call(lp, RDALL, regs);
    return new FieldReply(status, 0, regs.r8);
  }

  public static final Leaf LP_SHUTDOWN = new Leaf("TDH.SYS.LP.SHUTDOWN", 44, 0);

  /** TDH.SYS.LP.SHUTDOWN: does nothing since 1.5. */
  TdxStatus lpShutdown(LogicalProcessor lp) {
    return gate.call(lp, LP_SHUTDOWN, gate.operands(lp, 0, 0, 0, 0));
  }

  public static final Leaf SHUTDOWN = new Leaf("TDH.SYS.SHUTDOWN", 52, 0);

  /** TDH.SYS.SHUTDOWN: ends the module and leaves handoff data of {@code version}. */
  TdxStatus shutdown(LogicalProcessor lp, int version) {
    return gate.call(lp, SHUTDOWN, gate.operands(lp, version, 0, 0, 0));
  }

  public static final Leaf UPDATE = new Leaf("TDH.SYS.UPDATE", 53, 0);

  /** TDH.SYS.UPDATE: goes on where the module before this one stopped. */
  TdxStatus update(LogicalProcessor lp) {
    return gate.call(lp, UPDATE, gate.operands(lp, 0, 0, 0, 0));
  }
}
