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

  public static final Leaf CREATE = new Leaf("TDH.MNG.CREATE", 9, 0);

  /** TDH.MNG.CREATE: makes {@code td}'s root page a TDR under its KeyID. */
  public TdxStatus create(LogicalProcessor lp, TdxTd td) {
    gate.flushBeforeHandOver();
    return gate.call(lp, CREATE, gate.operands(lp, tdr(td), td.keyId().value(), 0, 0));
  }

  public static final Leaf KEY_CONFIG = new Leaf("TDH.MNG.KEY.CONFIG", 8, 0);

  /** TDH.MNG.KEY.CONFIG: programs the TD's key on {@code lp}'s package. */
  public TdxStatus keyConfig(LogicalProcessor lp, TdxTd td) {
    return gate.call(lp, KEY_CONFIG, gate.operands(lp, tdr(td), 0, 0, 0));
  }

  public static final Leaf ADDCX = new Leaf("TDH.MNG.ADDCX", 1, 0);

  /** TDH.MNG.ADDCX: gives one control-structure page. */
  public TdxStatus addcx(LogicalProcessor lp, TdxTd td, TdcsPage page) {
    gate.flushBeforeHandOver();
    return gate.call(lp, ADDCX, gate.operands(lp, page.hpa().value(), tdr(td), 0, 0));
  }

  public static final Leaf INIT = new Leaf("TDH.MNG.INIT", 21, 0);

  /**
   * TDH.MNG.INIT.
   *
   * @param params a TD_PARAMS structure in host memory, 1024 bytes aligned
   */
  public TdxStatus init(LogicalProcessor lp, TdxTd td, Hpa params) {
    return gate.call(lp, INIT, gate.operands(lp, tdr(td), params.value(), 0, 0));
  }

  public static final Leaf RD = new Leaf("TDH.MNG.RD", 11, 0);

  /** TDH.MNG.RD: reads a TD-scope metadata field. */
  public FieldReply read(LogicalProcessor lp, TdxTd td, long fieldId) {
    SeamRegisters regs = gate.operands(lp, tdr(td), fieldId, 0, 0);
    TdxStatus status = gate.call(lp, RD, regs);
    return new FieldReply(status, regs.r8, regs.rdx);
  }

  public static final Leaf WR = new Leaf("TDH.MNG.WR", 13, 0);

  /** TDH.MNG.WR: writes the bits {@code mask} of a TD-scope metadata field. */
  public FieldReply write(LogicalProcessor lp, TdxTd td, long fieldId, long value, long mask) {
    SeamRegisters regs = gate.operands(lp, tdr(td), fieldId, value, mask);
    TdxStatus status = gate.call(lp, WR, regs);
    return new FieldReply(status, regs.r8, fieldId);
  }

  public static final Leaf VPFLUSHDONE = new Leaf("TDH.MNG.VPFLUSHDONE", 19, 0);

  /** TDH.MNG.VPFLUSHDONE: no vCPU is associated any more; the KeyID can be retired. */
  public TdxStatus vpFlushDone(LogicalProcessor lp, TdxTd td) {
    return gate.call(lp, VPFLUSHDONE, gate.operands(lp, tdr(td), 0, 0, 0));
  }

  public static final Leaf KEY_FREEID = new Leaf("TDH.MNG.KEY.FREEID", 20, 0);

  /** TDH.MNG.KEY.FREEID: releases the KeyID after every package wrote its caches back. */
  public TdxStatus keyFreeId(LogicalProcessor lp, TdxTd td) {
    return gate.call(lp, KEY_FREEID, gate.operands(lp, tdr(td), 0, 0, 0));
  }

  public static final Leaf KEY_RECLAIMID = new Leaf("TDH.MNG.KEY.RECLAIMID", 27, 0);

  /** TDH.MNG.KEY.RECLAIMID: does nothing; kept for hosts that still call it. */
  public TdxStatus keyReclaimId(LogicalProcessor lp, TdxTd td) {
    return gate.call(lp, KEY_RECLAIMID, gate.operands(lp, tdr(td), 0, 0, 0));
  }

  public static final Leaf MR_EXTEND = new Leaf("TDH.MR.EXTEND", 16, 0);

  /** TDH.MR.EXTEND: measures the 256 bytes at {@code gpa}. */
  public SeptReply extend(LogicalProcessor lp, TdxTd td, long gpa) {
    SeamRegisters regs = gate.operands(lp, gpa, tdr(td), 0, 0);
    return TdhMem.reply(gate.callRaw(lp, MR_EXTEND, regs), regs);
  }

  public static final Leaf MR_FINALIZE = new Leaf("TDH.MR.FINALIZE", 17, 0);

  /** TDH.MR.FINALIZE: closes the measurement; the TD becomes runnable. */
  public TdxStatus finalizeMeasurement(LogicalProcessor lp, TdxTd td) {
    return gate.call(lp, MR_FINALIZE, gate.operands(lp, tdr(td), 0, 0, 0));
  }

  private static long tdr(TdxTd td) {
    return td.tdr().hpa().value();
  }
}
