package org.swtdx.kvm;

import static org.swtdx.kvm.Vcpu.CONTINUE;

import java.util.Arrays;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.Emulation;
import org.swtdx.cpu.Processor;

/**
 * #UD of an ordinary vCPU. A guest that took the processor for another vendor's calls its
 * hypervisor with VMMCALL; KVM_X86_QUIRK_FIX_HYPERCALL_INSN, on by default, puts VMCALL in its
 * place.
 */
final class VmxInvalidOpcode {
  static final int VECTOR = 6;

  private static final byte[] VMCALL = {0x0f, 0x01, (byte) 0xc1};
  private static final byte[] VMMCALL = {0x0f, 0x01, (byte) 0xd9};

  private static final long CR0_PE = 1, RFLAGS_VM = 1 << 17;

  private final VmxVcpu vcpu;
  private final Processor processor;
  private final GuestWalk walk;

  VmxInvalidOpcode(VmxVcpu vcpu, GuestWalk walk) {
    this.vcpu = vcpu;
    processor = vcpu.processor();
    this.walk = walk;
  }

  /** Whether the instruction is to be replaced; VMMCALL needs protected mode. */
  boolean isOtherHypercall() {
    CpuState state = processor.state();
    long at = state.linearRip();
    if (!vcpu.vm().options.hasQuirk(VmOptions.FIX_HYPERCALL)
        || (state.cr(0) & CR0_PE) == 0
        || (state.rflags() & RFLAGS_VM) != 0
        || !walk.mapped(at, VMMCALL.length, false)) {
      return false;
    }
    byte[] code = new byte[VMMCALL.length];
    for (int i = 0; i < code.length; i++) {
      code[i] = (byte) walk.read(at + i, 1);
    }
    return Arrays.equals(code, VMMCALL);
  }

  /** Replaces it; the guest executes it again. */
  Emulation patch() {
    return processor.store(processor.state().linearRip(), VMCALL);
  }

  /** The exception is the guest's own. */
  int raise() {
    vcpu.events().exception(VECTOR, -1);
    return CONTINUE;
  }
}
