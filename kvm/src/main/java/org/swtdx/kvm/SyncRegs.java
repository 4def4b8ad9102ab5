package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EINVAL;

import java.lang.foreign.MemorySegment;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmVcpuEvents;

/**
 * The registers in {@code struct kvm_run}, KVM_CAP_SYNC_REGS: what user space marks is taken before
 * a run and given after it.
 */
final class SyncRegs {
  /** {@code KVM_SYNC_X86_*}. */
  private static final int REGS = 1, SREGS = 2, EVENTS = 4;

  /** Sets that ordinary vCPUs have. */
  static final int VALID = REGS | SREGS | EVENTS;

  private static final int OFFSET = 304;
  private static final int SREGS_OFFSET = OFFSET + KvmRegs.SIZE;
  private static final int EVENTS_OFFSET = SREGS_OFFSET + KvmSregs.SIZE;

  private SyncRegs() {}

  /** Before a run: 0, or -EINVAL for sets that the vCPU does not have and for bad values. */
  static int before(Vcpu vcpu) {
    long asked = vcpu.run.validRegs() | vcpu.run.dirtyRegs();
    return switch (vcpu) {
      case TdxVcpu _ -> asked == 0 ? 0 : -EINVAL;
      case VmxVcpu ordinary -> {
        if ((asked & ~VALID) != 0) {
          yield -EINVAL;
        }
        yield vcpu.run.dirtyRegs() == 0 ? 0 : take(ordinary);
      }
    };
  }

  private static MemorySegment copy(KvmRun run, long offset, long size) {
    MemorySegment copy = MemorySegment.ofArray(new byte[(int) size]);
    MemorySegment.copy(run.segment(), offset, copy, 0, size);
    return copy;
  }

  /** Values are copied first: user space may change them meanwhile. */
  private static int take(VmxVcpu vcpu) {
    KvmRun run = vcpu.run;
    long dirty = run.dirtyRegs();
    if ((dirty & REGS) != 0) {
      vcpu.state().setRegs(new KvmRegs(copy(run, OFFSET, KvmRegs.SIZE)));
      run.dirtyRegs(run.dirtyRegs() & ~REGS);
    }
    if ((dirty & SREGS) != 0) {
      if (vcpu.state().setSregs(new KvmSregs(copy(run, SREGS_OFFSET, KvmSregs.SIZE))) < 0) {
        return -EINVAL;
      }
      run.dirtyRegs(run.dirtyRegs() & ~SREGS);
    }
    if ((dirty & EVENTS) != 0) {
      if (vcpu.events().set(new KvmVcpuEvents(copy(run, EVENTS_OFFSET, KvmVcpuEvents.SIZE))) < 0) {
        return -EINVAL;
      }
      run.dirtyRegs(run.dirtyRegs() & ~EVENTS);
    }
    return 0;
  }

  /** After a run. */
  static void after(Vcpu vcpu) {
    long valid = vcpu.run.validRegs();
    if (valid == 0 || !(vcpu instanceof VmxVcpu ordinary)) {
      return;
    }
    MemorySegment run = vcpu.run.segment();
    if ((valid & REGS) != 0) {
      ordinary.state().getRegs(new KvmRegs(run.asSlice(OFFSET, KvmRegs.SIZE)));
    }
    if ((valid & SREGS) != 0) {
      MemorySegment target = run.asSlice(SREGS_OFFSET, KvmSregs.SIZE);
      ordinary.state().getSregs(new KvmSregs(target.fill((byte) 0)));
    }
    if ((valid & EVENTS) != 0) {
      MemorySegment target = run.asSlice(EVENTS_OFFSET, KvmVcpuEvents.SIZE);
      ordinary.events().get(new KvmVcpuEvents(target.fill((byte) 0)));
    }
  }
}
