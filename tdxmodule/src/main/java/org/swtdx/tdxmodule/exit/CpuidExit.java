package org.swtdx.tdxmodule.exit;

import org.swtdx.cpu.CpuState;
import org.swtdx.tdxmodule.vp.GuestContext;

/** CPUID: the TD's virtual value, or #VE where the table or the guest itself wants one. */
final class CpuidExit implements ExitHandler {
  @Override
  public boolean handle(GuestContext vcpu) {
    CpuState state = vcpu.state();
    int wanted = state.cpl() == 0 ? GuestContext.CPUID_SUPERVISOR_VE : GuestContext.CPUID_USER_VE;
    int leaf = (int) state.gpr(CpuState.RAX);
    int subleaf = (int) state.gpr(CpuState.RCX);
    int[] result = vcpu.cpuidResult();
    boolean answered =
        (vcpu.cpuidVe(leaf, subleaf) & wanted) == 0
            && vcpu.cpuid()
                .execute(
                    leaf,
                    subleaf,
                    state,
                    vcpu.index(),
                    vcpu.x2ApicId(),
                    vcpu.tdcs().tdCtls,
                    result);
    if (!answered) {
      vcpu.events().virtualizationOfInstruction(vcpu.exit().qualification);
      return RESUME;
    }
    state.setGpr(CpuState.RAX, Integer.toUnsignedLong(result[0]));
    state.setGpr(CpuState.RBX, Integer.toUnsignedLong(result[1]));
    state.setGpr(CpuState.RCX, Integer.toUnsignedLong(result[2]));
    state.setGpr(CpuState.RDX, Integer.toUnsignedLong(result[3]));
    vcpu.processor().skipInstruction();
    return RESUME;
  }
}
