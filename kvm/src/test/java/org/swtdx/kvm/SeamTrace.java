package org.swtdx.kvm;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.seamcall.Leaf;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdhSys;
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
      return name(leaf) + " " + Long.toHexString(rcx >>> 12);
    }
  }

  private final List<Call> calls = new ArrayList<>();
  private Set<Leaf> watched = Set.of();
  private Leaf forged = TdhSys.INIT;
  private long forgedStatus;
  private int forgeries;

  /** Name of a leaf without its prefix: {@code MEM.RANGE.BLOCK}. */
  static String name(Leaf leaf) {
    return leaf.abiName().substring("TDH.".length());
  }

  /** Puts the trace before {@code module}. */
  SeamPort before(SeamPort module) {
    return (lp, regs) -> {
      int number = (int) regs.rax & 0xffff;
      long rcx = regs.rcx;
      long rdx = regs.rdx;
      if (!forge(number, regs)) {
        module.seamcall(lp, regs);
      }
      record(number, lp, rcx, rdx, regs.rax);
    };
  }

  private synchronized boolean forge(int number, SeamRegisters regs) {
    if (number != forged.number() || forgeries == 0) {
      return false;
    }
    forgeries--;
    regs.rax = forgedStatus;
    regs.rcx = 0;
    regs.rdx = 0;
    regs.r8 = 0;
    return true;
  }

  /** Records a call that has returned; it may have begun before the test watched its leaf. */
  private synchronized void record(
      int number, LogicalProcessor lp, long rcx, long rdx, long status) {
    for (Leaf leaf : watched) {
      if (leaf.number() == number) {
        calls.add(new Call(leaf, lp.index(), rcx, rdx, TdxStatus.of(status)));
      }
    }
  }

  /** Forgets what was recorded and records these leaves from now on. */
  synchronized void watch(Leaf first, Leaf... others) {
    calls.clear();
    watched = new HashSet<>(List.of(others));
    watched.add(first);
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
