package org.swtdx.seamcall;

import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.port.SeamRegisters;

/** The TDH.MNG.* and TDH.MR.* leaves: life and measurement of a TD. */
public final class TdhMng {
  private final SeamcallGate gate;

  TdhMng(SeamcallGate gate) {
    this.gate = gate;
  }

  /** TDH.MNG.CREATE: makes {@code td}'s root page a TDR under its KeyID. */
  public TdxStatus create(LogicalProcessor lp, TdxTd td) {
    gate.flushBeforeHandOver();
    return gate.call(lp, Leaf.MNG_CREATE, gate.operands(lp, tdr(td), td.keyId().value(), 0, 0));
  }

  /** TDH.MNG.KEY.CONFIG: programs the TD's key on {@code lp}'s package. */
  public TdxStatus keyConfig(LogicalProcessor lp, TdxTd td) {
    return gate.call(lp, Leaf.MNG_KEY_CONFIG, gate.operands(lp, tdr(td), 0, 0, 0));
  }

  /** TDH.MNG.ADDCX: gives one control-structure page. */
  public TdxStatus addcx(LogicalProcessor lp, TdxTd td, TdcsPage page) {
    gate.flushBeforeHandOver();
    return gate.call(lp, Leaf.MNG_ADDCX, gate.operands(lp, page.hpa().value(), tdr(td), 0, 0));
  }

  /**
   * TDH.MNG.INIT.
   *
   * @param params a TD_PARAMS structure in host memory, 1024 bytes aligned
   */
  public TdxStatus init(LogicalProcessor lp, TdxTd td, Hpa params) {
    return gate.call(lp, Leaf.MNG_INIT, gate.operands(lp, tdr(td), params.value(), 0, 0));
  }

  /** TDH.MNG.RD: reads a TD-scope metadata field. */
  public FieldReply read(LogicalProcessor lp, TdxTd td, long fieldId) {
    SeamRegisters regs = gate.operands(lp, tdr(td), fieldId, 0, 0);
    TdxStatus status = gate.call(lp, Leaf.MNG_RD, regs);
    return new FieldReply(status, regs.r8, regs.rdx);
  }

  /** TDH.MNG.WR: writes the bits {@code mask} of a TD-scope metadata field. */
  public FieldReply write(LogicalProcessor lp, TdxTd td, long fieldId, long value, long mask) {
    SeamRegisters regs = gate.operands(lp, tdr(td), fieldId, value, mask);
    TdxStatus status = gate.call(lp, Leaf.MNG_WR, regs);
    return new FieldReply(status, regs.r8, fieldId);
  }

  /** TDH.MNG.VPFLUSHDONE: no vCPU is associated any more; the KeyID can be retired. */
  public TdxStatus vpFlushDone(LogicalProcessor lp, TdxTd td) {
    return gate.call(lp, Leaf.MNG_VPFLUSHDONE, gate.operands(lp, tdr(td), 0, 0, 0));
  }

  /** TDH.MNG.KEY.FREEID: releases the KeyID after every package wrote its caches back. */
  public TdxStatus keyFreeId(LogicalProcessor lp, TdxTd td) {
    return gate.call(lp, Leaf.MNG_KEY_FREEID, gate.operands(lp, tdr(td), 0, 0, 0));
  }

  /** TDH.MNG.KEY.RECLAIMID: does nothing; kept for hosts that still call it. */
  public TdxStatus keyReclaimId(LogicalProcessor lp, TdxTd td) {
    return gate.call(lp, Leaf.MNG_KEY_RECLAIMID, gate.operands(lp, tdr(td), 0, 0, 0));
  }

  /** TDH.MR.EXTEND: measures the 256 bytes at {@code gpa}. */
  public SeptReply extend(LogicalProcessor lp, TdxTd td, long gpa) {
    SeamRegisters regs = gate.operands(lp, gpa, tdr(td), 0, 0);
    return TdhMem.reply(gate.callRaw(lp, Leaf.MR_EXTEND, regs), regs);
  }

  /** TDH.MR.FINALIZE: closes the measurement; the TD becomes runnable. */
  public TdxStatus finalizeMeasurement(LogicalProcessor lp, TdxTd td) {
    return gate.call(lp, Leaf.MR_FINALIZE, gate.operands(lp, tdr(td), 0, 0, 0));
  }

  private static long tdr(TdxTd td) {
    return td.tdr().hpa().value();
  }
}
