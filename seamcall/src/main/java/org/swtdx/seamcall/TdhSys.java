package org.swtdx.seamcall;

import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.KeyId;
import org.swtdx.seamcall.port.SeamRegisters;

/** The TDH.SYS.* leaves: the module's own life. */
final class TdhSys {
  private static final int INFO_SIZE = 1024;
  private static final int CMR_INFO_ENTRIES = 32;

  private final SeamcallGate gate;

  TdhSys(SeamcallGate gate) {
    this.gate = gate;
  }

  /** TDH.SYS.INIT: first call after the module was loaded. */
  TdxStatus init(LogicalProcessor lp) {
    return gate.call(lp, Leaf.SYS_INIT, gate.operands(lp, 0, 0, 0, 0));
  }

  /** TDH.SYS.LP.INIT: once on each logical processor. */
  TdxStatus lpInit(LogicalProcessor lp) {
    return gate.call(lp, Leaf.SYS_LP_INIT, gate.operands(lp, 0, 0, 0, 0));
  }

  /** TDH.SYS.RD: reads a global metadata field. */
  FieldReply read(LogicalProcessor lp, long fieldId) {
    SeamRegisters regs = gate.operands(lp, 0, fieldId, 0, 0);
    TdxStatus status = gate.call(lp, Leaf.SYS_RD, regs);
    return new FieldReply(status, regs.r8, regs.rdx);
  }

  /** TDH.SYS.CONFIG: describes the TDMRs and chooses the global KeyID. */
  TdxStatus config(LogicalProcessor lp, Hpa pointers, int count, KeyId global) {
    return gate.call(
        lp, Leaf.SYS_CONFIG, gate.operands(lp, pointers.value(), count, global.value(), 0));
  }

  /** TDH.SYS.KEY.CONFIG: programs the global key on {@code lp}'s package. */
  TdxStatus keyConfig(LogicalProcessor lp) {
    return gate.call(lp, Leaf.SYS_KEY_CONFIG, gate.operands(lp, 0, 0, 0, 0));
  }

  /** TDH.SYS.TDMR.INIT: initialises a part of a TDMR; {@code value} is how far it got. */
  FieldReply tdmrInit(LogicalProcessor lp, Hpa base) {
    SeamRegisters regs = gate.operands(lp, base.value(), 0, 0, 0);
    TdxStatus status = gate.call(lp, Leaf.SYS_TDMR_INIT, regs);
    return new FieldReply(status, regs.rdx, 0);
  }

  /**
   * TDH.SYS.INFO: writes TDSYSINFO_STRUCT and CMR_INFO entries; {@code value} is the number of the
   * latter.
   */
  FieldReply info(LogicalProcessor lp, Hpa buffer, Hpa cmrs) {
    SeamRegisters regs =
        gate.operands(lp, buffer.value(), INFO_SIZE, cmrs.value(), CMR_INFO_ENTRIES);
    TdxStatus status = gate.call(lp, Leaf.SYS_INFO, regs);
    return new FieldReply(status, regs.r9, 0);
  }

  /** TDH.SYS.RDALL: writes a list of fields into a page; {@code next} is what did not fit. */
  FieldReply readAll(LogicalProcessor lp, Hpa page, long firstFieldId) {
    SeamRegisters regs = gate.operands(lp, 0, page.value(), firstFieldId, 0);
    TdxStatus status = gate.call(lp, Leaf.SYS_RDALL, regs);
    return new FieldReply(status, 0, regs.r8);
  }

  /** TDH.SYS.LP.SHUTDOWN: does nothing since 1.5. */
  TdxStatus lpShutdown(LogicalProcessor lp) {
    return gate.call(lp, Leaf.SYS_LP_SHUTDOWN, gate.operands(lp, 0, 0, 0, 0));
  }

  /** TDH.SYS.SHUTDOWN: ends the module and leaves handoff data of {@code version}. */
  TdxStatus shutdown(LogicalProcessor lp, int version) {
    return gate.call(lp, Leaf.SYS_SHUTDOWN, gate.operands(lp, version, 0, 0, 0));
  }

  /** TDH.SYS.UPDATE: goes on where the module before this one stopped. */
  TdxStatus update(LogicalProcessor lp) {
    return gate.call(lp, Leaf.SYS_UPDATE, gate.operands(lp, 0, 0, 0, 0));
  }
}
