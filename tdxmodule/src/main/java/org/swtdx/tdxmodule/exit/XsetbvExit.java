package org.swtdx.tdxmodule.exit;

import org.swtdx.cpu.CpuState;
import org.swtdx.tdxmodule.virt.Xfam;
import org.swtdx.tdxmodule.vp.GuestContext;

/** XSETBV: loads XCR0 with features of XFAM in a legal combination, else #GP(0). */
final class XsetbvExit implements ExitHandler {
  @Override
  public boolean handle(GuestContext vcpu) {
    CpuState state = vcpu.state();
    long value = state.gpr(CpuState.RAX) & 0xffff_ffffL | state.gpr(CpuState.RDX) << 32;
    boolean xcr0 = (int) state.gpr(CpuState.RCX) == 0;
    if (!xcr0 || !Xfam.validXcr0(value, vcpu.td().xfam())) {
      vcpu.events().generalProtection();
      return RESUME;
    }
    state.setXcr0(value);
    vcpu.processor().skipInstruction();
    return RESUME;
  }
}
