package org.swtdx.kvm;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdhVp;
import org.swtdx.seamcall.TdxStatus;

/**
 * Which TD vCPUs each logical processor may hold state of. The module binds a vCPU to the processor
 * that last worked on it, and only that processor can let go of it, by TDH.VP.FLUSH. A processor's
 * list is touched by the thread that is that processor, and by nobody else.
 */
final class TdxAssociations {
  private final HostCpus cpus;
  private final List<Set<TdxVcpu>> lists = new ArrayList<>();

  TdxAssociations(HostCpus cpus) {
    this.cpus = cpus;
    for (int i = 0; i < cpus.count(); i++) {
      lists.add(new LinkedHashSet<>());
    }
  }

  /**
   * A thread that is {@code now} is about to work on a vCPU: if another processor has it, that one
   * flushes it first. A status that is no success leaves the VM dead.
   */
  void load(TdxVcpu vcpu, LogicalProcessor now) {
    LogicalProcessor last = vcpu.associatedWith();
    if (last == now) {
      return;
    }
    if (last != null) {
      cpus.call(last, now, () -> flush(vcpu, last));
    }
    lists.get(now.index()).add(vcpu);
    vcpu.associateWith(now);
  }

  /** Ends the association of a vCPU of which nobody works any more. */
  void release(TdxVcpu vcpu) {
    LogicalProcessor last = vcpu.associatedWith();
    if (last != null) {
      cpus.call(last, null, () -> flush(vcpu, last));
    }
  }

  /** Ends all associations of {@code lp}, which goes offline and which the caller holds. */
  void flushAll(LogicalProcessor lp) {
    for (TdxVcpu vcpu : List.copyOf(lists.get(lp.index()))) {
      flush(vcpu, lp);
    }
  }

  /** How many vCPUs are on {@code lp}'s list; the caller holds it. */
  int count(LogicalProcessor lp) {
    return lists.get(lp.index()).size();
  }

  private void flush(TdxVcpu vcpu, LogicalProcessor lp) {
    @Nullable LogicalProcessor current = vcpu.associatedWith();
    if (current != lp) {
      return; // the processor went offline between the caller's look and its call
    }
    if (vcpu.initialized()) {
      TdxStatus status = vcpu.vm().tdx().vp().flush(lp, vcpu.vp());
      if (!status.isSuccess() && !status.is(StatusCode.VCPU_NOT_ASSOCIATED)) {
        vcpu.vm().bug(TdhVp.FLUSH.abiName() + " failed: " + status);
      }
    }
    lists.get(lp.index()).remove(vcpu);
    vcpu.associateWith(null);
  }
}
