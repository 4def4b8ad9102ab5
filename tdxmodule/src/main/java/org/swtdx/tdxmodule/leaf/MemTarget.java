package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.td.Tdr;

/**
 * The operands that most TDH.MEM leaves begin with: a mapping in RCX and a TD in RDX. Both
 * registers are outputs as well and read 0 unless the leaf sets them.
 *
 * @param tdcs the TD, locked and in a state that allows the leaf
 * @param at the address and level, checked
 */
record MemTarget(Tdcs tdcs, GpaMapping at) {
  /** Highest level meaning: an entry of the Secure EPT's root page. */
  static final int ROOT_LEVEL = -1;

  /** Checks the operands and locks the TD and its operation state, both shared. */
  static MemTarget lock(SeamCall call, int minLevel, int maxLevel) throws Refusal {
    return lock(call, SeamCall.SHARED, minLevel, maxLevel);
  }

  /** Checks the operands and locks the TD exclusively, which covers all the rest. */
  static MemTarget lockExclusive(SeamCall call, int minLevel, int maxLevel) throws Refusal {
    return lock(call, SeamCall.EXCLUSIVE, minLevel, maxLevel);
  }

  private static MemTarget lock(SeamCall call, boolean exclusive, int minLevel, int maxLevel)
      throws Refusal {
    SeamRegisters regs = call.regs();
    long mapping = regs.rcx;
    long tdrHpa = regs.rdx;
    regs.rcx = 0;
    regs.rdx = 0;
    Tdr tdr = call.lockTdr(tdrHpa, Operand.RDX, exclusive);
    Tdcs tdcs = exclusive ? call.checkOpStateUnlocked(tdr) : call.checkOpState(tdr);
    int highest = maxLevel == ROOT_LEVEL ? tdcs.sept().levels() - 1 : maxLevel;
    return new MemTarget(tdcs, GpaMapping.parse(mapping, tdcs, minLevel, highest));
  }
}
