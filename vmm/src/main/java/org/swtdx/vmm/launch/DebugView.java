package org.swtdx.vmm.launch;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.kvm.KvmVcpu;
import org.swtdx.kvm.KvmVm;
import org.swtdx.kvm.UserMemory;
import org.swtdx.kvm.uapi.KvmDebugMemory;
import org.swtdx.kvm.uapi.KvmExtensionAbi;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmTranslation;
import org.swtdx.vmm.VcpuRegisters;

/** Looks at the vCPUs of a TD that can be debugged, which needs an extension of KVM. */
final class DebugView {
  private static final int CODE_BYTES = 16;
  private static final int PAGE = 4096;

  private final KvmVm vm;
  private final UserMemory memory;

  DebugView(KvmVm vm, UserMemory memory) {
    this.vm = vm;
    this.memory = memory;
  }

  /** Where each vCPU is; those that KVM does not show are left out. No vCPU runs. */
  List<VcpuRegisters> look(List<KvmVcpu> vcpus) {
    List<VcpuRegisters> result = new ArrayList<>();
    long page = memory.mmap(PAGE);
    if (page < 0) {
      return result;
    }
    for (int i = 0; i < vcpus.size(); i++) {
      KvmVcpu vcpu = vcpus.get(i);
      KvmRegs regs = new KvmRegs();
      KvmSregs sregs = new KvmSregs();
      if (vcpu.getRegs(regs) == 0 && vcpu.getSregs(sregs) == 0) {
        result.add(
            new VcpuRegisters(
                i,
                regs.rip(),
                regs.rsp(),
                regs.rflags(),
                sregs.cr0(),
                sregs.cr3(),
                sregs.cr4(),
                sregs.efer(),
                sregs.selector(KvmSregs.CS),
                code(vcpu, linear(regs, sregs), page)));
      }
    }
    memory.munmap(page);
    return result;
  }

  private static long linear(KvmRegs regs, KvmSregs sregs) {
    return sregs.l(KvmSregs.CS) != 0
        ? regs.rip()
        : sregs.base(KvmSregs.CS) + regs.rip() & 0xffff_ffffL;
  }

  /** The bytes up to the end of the page at most. */
  private String code(KvmVcpu vcpu, long linear, long page) {
    KvmTranslation walk = new KvmTranslation().linearAddress(linear);
    if (vcpu.translate(walk) != 0 || walk.valid() == 0) {
      return "";
    }
    long gpa = walk.physicalAddress();
    int length = (int) Math.min(CODE_BYTES, PAGE - (gpa & PAGE - 1));
    KvmDebugMemory request = new KvmDebugMemory().gpa(gpa).uaddr(page).len(length);
    KvmTdxCmd cmd = KvmTdxCmd.of(KvmExtensionAbi.DEBUG_READ_MEMORY, 0, 0);
    byte[] bytes = new byte[length];
    boolean done =
        vm.memoryEncryptOp(cmd, request) == 0 && memory.read(page, bytes, 0, bytes.length);
    return done ? VcpuRegisters.code(bytes) : "";
  }
}
