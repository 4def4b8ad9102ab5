package org.swtdx.seamcall;

import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.port.SeamRegisters;

/** The TDH.MEM.* leaves: a TD's private memory. Guest physical addresses have no SHARED bit. */
public final class TdhMem {
  private final SeamcallGate gate;

  TdhMem(SeamcallGate gate) {
    this.gate = gate;
  }

  public static final Leaf SEPT_ADD = new Leaf("TDH.MEM.SEPT.ADD", 3, 0);

  /**
   * TDH.MEM.SEPT.ADD: gives a Secure EPT table.
   *
   * @param level level of the entry that will point to the table
   */
  public SeptReply septAdd(
      LogicalProcessor lp, TdxTd td, long gpa, SeptLevel level, SeptPage table) {
    gate.flushBeforeHandOver();
    return call(lp, SEPT_ADD, td, gpa, level, table.hpa().value());
  }

  public static final Leaf SEPT_RD = new Leaf("TDH.MEM.SEPT.RD", 25, 0);

  /** TDH.MEM.SEPT.RD: reads the entry that maps {@code gpa} at a level. */
  public SeptReply septRead(LogicalProcessor lp, TdxTd td, long gpa, SeptLevel level) {
    SeamRegisters regs = gate.operands(lp, gpa | level.encoding(), tdr(td), 0, 0);
    TdxStatus status = gate.call(lp, SEPT_RD, regs);
    return new SeptReply(status, regs.rcx, regs.rdx);
  }

  public static final Leaf PAGE_ADD = new Leaf("TDH.MEM.PAGE.ADD", 2, 0);

  /** TDH.MEM.PAGE.ADD: adds an initial 4 KiB page with the contents of {@code source}. */
  public SeptReply pageAdd(LogicalProcessor lp, TdxTd td, long gpa, GuestPage page, Hpa source) {
    gate.flushBeforeHandOver();
    SeamRegisters regs = gate.operands(lp, gpa, tdr(td), page.hpa().value(), source.value());
    return reply(gate.callRaw(lp, PAGE_ADD, regs), regs);
  }

  public static final Leaf PAGE_AUG = new Leaf("TDH.MEM.PAGE.AUG", 6, 0);

  /** TDH.MEM.PAGE.AUG: adds a page that the guest has still to accept. */
  public SeptReply pageAug(
      LogicalProcessor lp, TdxTd td, long gpa, SeptLevel level, GuestPage page) {
    gate.flushBeforeHandOver();
    return call(lp, PAGE_AUG, td, gpa, level, page.hpa().value());
  }

  public static final Leaf RANGE_BLOCK = new Leaf("TDH.MEM.RANGE.BLOCK", 7, 0);

  /** TDH.MEM.RANGE.BLOCK: no new translations through the entry. */
  public SeptReply rangeBlock(LogicalProcessor lp, TdxTd td, long gpa, SeptLevel level) {
    return call(lp, RANGE_BLOCK, td, gpa, level, 0);
  }

  public static final Leaf RANGE_UNBLOCK = new Leaf("TDH.MEM.RANGE.UNBLOCK", 39, 0);

  /** TDH.MEM.RANGE.UNBLOCK: undoes {@link #rangeBlock}. */
  public SeptReply rangeUnblock(LogicalProcessor lp, TdxTd td, long gpa, SeptLevel level) {
    return call(lp, RANGE_UNBLOCK, td, gpa, level, 0);
  }

  public static final Leaf PAGE_REMOVE = new Leaf("TDH.MEM.PAGE.REMOVE", 29, 0);

  /** TDH.MEM.PAGE.REMOVE: takes a blocked and tracked page away from the TD. */
  public SeptReply pageRemove(LogicalProcessor lp, TdxTd td, long gpa, SeptLevel level) {
    return call(lp, PAGE_REMOVE, td, gpa, level, 0);
  }

  public static final Leaf PAGE_RELOCATE = new Leaf("TDH.MEM.PAGE.RELOCATE", 5, 0);

  /** TDH.MEM.PAGE.RELOCATE: moves the 4 KiB page at {@code gpa} to another physical page. */
  public SeptReply pageRelocate(LogicalProcessor lp, TdxTd td, long gpa, GuestPage page) {
    gate.flushBeforeHandOver();
    return call(lp, PAGE_RELOCATE, td, gpa, SeptLevel.SIZE_4K, page.hpa().value());
  }

  public static final Leaf PAGE_PROMOTE = new Leaf("TDH.MEM.PAGE.PROMOTE", 23, 0);

  /**
   * TDH.MEM.PAGE.PROMOTE: merges 512 mappings into one of {@code level}; the entry of the reply is
   * the Secure EPT page that became free.
   */
  public SeptReply pagePromote(LogicalProcessor lp, TdxTd td, long gpa, SeptLevel level) {
    return callWithReply(lp, PAGE_PROMOTE, td, gpa, level, 0);
  }

  public static final Leaf PAGE_DEMOTE = new Leaf("TDH.MEM.PAGE.DEMOTE", 15, 0);

  /** TDH.MEM.PAGE.DEMOTE: splits a mapping of {@code level} by means of a new table. */
  public SeptReply pageDemote(
      LogicalProcessor lp, TdxTd td, long gpa, SeptLevel level, SeptPage table) {
    gate.flushBeforeHandOver();
    return call(lp, PAGE_DEMOTE, td, gpa, level, table.hpa().value());
  }

  public static final Leaf SEPT_REMOVE = new Leaf("TDH.MEM.SEPT.REMOVE", 30, 0);

  /** TDH.MEM.SEPT.REMOVE: takes a table without used entries away; the reply's entry is its HPA. */
  public SeptReply septRemove(LogicalProcessor lp, TdxTd td, long gpa, SeptLevel level) {
    return callWithReply(lp, SEPT_REMOVE, td, gpa, level, 0);
  }

  public static final Leaf RD = new Leaf("TDH.MEM.RD", 12, 0);

  /** TDH.MEM.RD: reads eight bytes of a debuggable TD. */
  public FieldReply read(LogicalProcessor lp, TdxTd td, long gpa) {
    SeamRegisters regs = gate.operands(lp, gpa, tdr(td), 0, 0);
    TdxStatus status = gate.call(lp, RD, regs);
    return new FieldReply(status, regs.r8, 0);
  }

  public static final Leaf WR = new Leaf("TDH.MEM.WR", 14, 0);

  /** TDH.MEM.WR: writes eight bytes of a debuggable TD; the reply's value is what was there. */
  public FieldReply write(LogicalProcessor lp, TdxTd td, long gpa, long value) {
    SeamRegisters regs = gate.operands(lp, gpa, tdr(td), value, 0);
    TdxStatus status = gate.call(lp, WR, regs);
    return new FieldReply(status, regs.r8, 0);
  }

  public static final Leaf TRACK = new Leaf("TDH.MEM.TRACK", 38, 0);

  /** TDH.MEM.TRACK: begins a new TLB-tracking epoch. */
  public TdxStatus track(LogicalProcessor lp, TdxTd td) {
    return gate.call(lp, TRACK, gate.operands(lp, tdr(td), 0, 0, 0));
  }

  private SeptReply callWithReply(
      LogicalProcessor lp, Leaf leaf, TdxTd td, long gpa, SeptLevel level, long hpa) {
    SeamRegisters regs = gate.operands(lp, gpa | level.encoding(), tdr(td), hpa, 0);
    TdxStatus status = gate.call(lp, leaf, regs);
    return new SeptReply(status, regs.rcx, regs.rdx);
  }

  private SeptReply call(
      LogicalProcessor lp, Leaf leaf, TdxTd td, long gpa, SeptLevel level, long hpa) {
    SeamRegisters regs = gate.operands(lp, gpa | level.encoding(), tdr(td), hpa, 0);
    return reply(gate.callRaw(lp, leaf, regs), regs);
  }

  static SeptReply reply(long rax, SeamRegisters regs) {
    return rax == 0 ? SeptReply.SUCCESS : new SeptReply(TdxStatus.of(rax), regs.rcx, regs.rdx);
  }

  private static long tdr(TdxTd td) {
    return td.tdr().hpa().value();
  }
}
