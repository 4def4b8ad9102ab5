package org.swtdx.kvm;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.seamcall.Leaf;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdxStatus;
import org.swtdx.seamcall.port.SeamPort;
import org.swtdx.seamcall.port.SeamRegisters;

/**
 * Stands between KVM and the module: records the calls of the leaves that a test watches, and
 * answers some in the module's place. Any thread.
 */
final class SeamTrace {
  /** One call: which leaf, where, with which first operands, and what became of it. */
  record Call(Leaf leaf, int lp, long rcx, long rdx, TdxStatus status) {
    /** Name of the leaf without its prefix, then the page of RCX: {@code MEM.RANGE.BLOCK 200}. */
    String brief() {
      return leaf.abiName().substring("TDH.".length()) + " " + Long.toHexString(rcx >>> 12);
    }
  }

  private final List<Call> calls = new ArrayList<>();
  private Set<Leaf> watched = EnumSet.noneOf(Leaf.class);
  private Leaf forged = Leaf.SYS_INIT;
  private long forgedStatus;
  private int forgeries;

  /** Puts the trace before {@code module}. */
  SeamPort before(SeamPort module) {
    return (lp, regs) -> {
      Leaf leaf = leaf(regs.rax);
      long rcx = regs.rcx;
      long rdx = regs.rdx;
      if (leaf == null) {
        module.seamcall(lp, regs);
        return;
      }
      if (!forge(leaf, regs)) {
        module.seamcall(lp, regs);
      }
      record(leaf, lp, rcx, rdx, regs.rax);
    };
  }

  private static @Nullable Leaf leaf(long rax) {
    for (Leaf leaf : Leaf.values()) {
      if (leaf.number() == (rax & 0xffff)) {
        return leaf;
      }
    }
    return null;
  }

  private synchronized boolean forge(Leaf leaf, SeamRegisters regs) {
    if (leaf != forged || forgeries == 0) {
      return false;
    }
    forgeries--;
    regs.rax = forgedStatus;
    regs.rcx = 0;
    regs.rdx = 0;
    regs.r8 = 0;
    return true;
  }

  private synchronized void record(
      Leaf leaf, LogicalProcessor lp, long rcx, long rdx, long status) {
    if (watched.contains(leaf)) {
      calls.add(new Call(leaf, lp.index(), rcx, rdx, TdxStatus.of(status)));
    }
  }

  /** Forgets what was recorded and records these leaves from now on. */
  synchronized void watch(Leaf first, Leaf... others) {
    calls.clear();
    watched = EnumSet.of(first, others);
  }

  /** The next {@code times} calls of a leaf do nothing and return a status. */
  synchronized void answer(Leaf leaf, StatusCode code, int times) {
    forged = leaf;
    forgedStatus = (long) code.bits() << 32;
    forgeries = times;
  }

  /** What was recorded. */
  synchronized List<Call> calls() {
    return List.copyOf(calls);
  }

  /** What was recorded, in brief. */
  List<String> brief() {
    return calls().stream().map(Call::brief).toList();
  }

  /** Whether some recorded call was answered with a status. */
  boolean saw(StatusCode code) {
    return calls().stream().anyMatch(call -> call.status.is(code));
  }
}
