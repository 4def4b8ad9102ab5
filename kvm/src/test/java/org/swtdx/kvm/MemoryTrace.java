package org.swtdx.kvm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.swtdx.seamcall.Leaf;
import org.swtdx.seamcall.TdhMem;
import org.swtdx.seamcall.port.SeamPort;
import org.swtdx.seamcall.port.SeamRegisters;

/**
 * Stands between KVM and the module: writes down the SEAMCALLs that work on private memory, and
 * answers some of them in the module's place.
 */
final class MemoryTrace {
  private static final List<Leaf> ON_ENTRY =
      List.of(
          TdhMem.PAGE_AUG,
          TdhMem.SEPT_ADD,
          TdhMem.RANGE_BLOCK,
          TdhMem.PAGE_REMOVE,
          TdhMem.PAGE_DEMOTE);

  private final Map<Integer, long[]> refusals = new HashMap<>();
  private final Map<Integer, Integer> counts = new HashMap<>();
  private final List<String> memory = new ArrayList<>();

  /** Wraps a port; to be called once. */
  SeamPort wrap(SeamPort module) {
    return (lp, regs) -> {
      if (!refuses(regs)) {
        note(regs);
        module.seamcall(lp, regs);
      }
    };
  }

  private synchronized boolean refuses(SeamRegisters regs) {
    long[] left = refusals.get((int) regs.rax & 0xffff);
    if (left == null || left[1] == 0) {
      return false;
    }
    note(regs);
    left[1]--;
    regs.rax = left[0];
    return true;
  }

  private synchronized void note(SeamRegisters regs) {
    int number = (int) regs.rax & 0xffff;
    counts.merge(number, 1, Integer::sum);
    for (Leaf leaf : ON_ENTRY) {
      if (leaf.number() == number) {
        memory.add("%s %x/%d".formatted(SeamTrace.name(leaf), regs.rcx & -4096, regs.rcx & 7));
      }
    }
    if (number == TdhMem.TRACK.number()) {
      memory.add(SeamTrace.name(TdhMem.TRACK));
    }
  }

  /** Makes the next calls of a leaf fail without reaching the module. */
  synchronized void refuse(Leaf leaf, long status, int times) {
    refusals.put(leaf.number(), new long[] {status, times});
  }

  /** What was noted since the last time: leaf, and GPA and level where it has them. */
  synchronized List<String> take() {
    List<String> result = List.copyOf(memory);
    memory.clear();
    return result;
  }

  /** How many pages of 2 MiB were added since the last time; forgets what else was noted. */
  synchronized int takeLargeAugmentations() {
    List<String> calls = take();
    return (int)
        calls.stream().filter(c -> c.startsWith("MEM.PAGE.AUG") && c.endsWith("/1")).count();
  }

  /** All calls since the last time that it was asked for. */
  synchronized int total() {
    int total = counts.values().stream().mapToInt(Integer::intValue).sum();
    counts.clear();
    return total;
  }

  /** Calls of a leaf since the last time that it was asked for. */
  synchronized int count(Leaf leaf) {
    Integer count = counts.remove(leaf.number());
    return count == null ? 0 : count;
  }
}
