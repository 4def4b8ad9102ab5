package org.swtdx.seamcall;

import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.seamcall.port.SeamRegisters;

/** The TDH.VP.* leaves: a TD's vCPUs. */
public final class TdhVp {
  private final SeamcallGate gate;

  TdhVp(SeamcallGate gate) {
    this.gate = gate;
  }

  public static final Leaf CREATE = new Leaf("TDH.VP.CREATE", 10, 0);

  /** TDH.VP.CREATE: makes {@code vp}'s root page a TDVPR of {@code td}. */
  public TdxStatus create(LogicalProcessor lp, TdxTd td, TdxVp vp) {
    gate.flushBeforeHandOver();
    return gate.call(lp, CREATE, gate.operands(lp, tdvpr(vp), td.tdr().hpa().value(), 0, 0));
  }

  public static final Leaf ADDCX = new Leaf("TDH.VP.ADDCX", 4, 0);

  /** TDH.VP.ADDCX: gives one state page. */
  public TdxStatus addcx(LogicalProcessor lp, TdxVp vp, TdcxPage page) {
    gate.flushBeforeHandOver();
    return gate.call(lp, ADDCX, gate.operands(lp, page.hpa().value(), tdvpr(vp), 0, 0));
  }

  public static final Leaf INIT = new Leaf("TDH.VP.INIT", 22, 1);

  /**
   * TDH.VP.INIT, version 1.
   *
   * @param initialRcx what the guest finds in RCX and R8
   * @param x2ApicId the vCPU's x2APIC id, unique in the TD
   */
  public TdxStatus init(LogicalProcessor lp, TdxVp vp, long initialRcx, int x2ApicId) {
    SeamRegisters regs =
        gate.operands(lp, tdvpr(vp), initialRcx, Integer.toUnsignedLong(x2ApicId), 0);
    return gate.call(lp, INIT, regs);
  }

  public static final Leaf ENTER = new Leaf("TDH.VP.ENTER", 0, 0);

  /**
   * TDH.VP.ENTER: runs the vCPU until it exits. {@code args} is passed in, and holds what came back
   * afterwards, the return value in {@link VpEnterArgs#ret}. TDH.VP.ENTER needs no entropy and is
   * not repeated here.
   */
  public void enter(LogicalProcessor lp, TdxVp vp, VpEnterArgs args) {
    SeamRegisters regs = args.regs;
    regs.rcx = tdvpr(vp);
    gate.enter(lp, regs);
    args.ret = regs.rax;
  }

  public static final Leaf FLUSH = new Leaf("TDH.VP.FLUSH", 18, 0);

  /** TDH.VP.FLUSH: ends the vCPU's association with {@code lp}. */
  public TdxStatus flush(LogicalProcessor lp, TdxVp vp) {
    return gate.call(lp, FLUSH, gate.operands(lp, tdvpr(vp), 0, 0, 0));
  }

  public static final Leaf RD = new Leaf("TDH.VP.RD", 26, 0);

  /** TDH.VP.RD: reads a vCPU-scope metadata field. */
  public FieldReply read(LogicalProcessor lp, TdxVp vp, long fieldId) {
    SeamRegisters regs = gate.operands(lp, tdvpr(vp), fieldId, 0, 0);
    TdxStatus status = gate.call(lp, RD, regs);
    return new FieldReply(status, regs.r8, regs.rdx);
  }

  public static final Leaf WR = new Leaf("TDH.VP.WR", 43, 0);

  /** TDH.VP.WR: writes the bits {@code mask} of a vCPU-scope metadata field. */
  public FieldReply write(LogicalProcessor lp, TdxVp vp, long fieldId, long value, long mask) {
    SeamRegisters regs = gate.operands(lp, tdvpr(vp), fieldId, value, mask);
    TdxStatus status = gate.call(lp, WR, regs);
    return new FieldReply(status, regs.r8, fieldId);
  }

  private static long tdvpr(TdxVp vp) {
    return vp.tdvpr().hpa().value();
  }
}
