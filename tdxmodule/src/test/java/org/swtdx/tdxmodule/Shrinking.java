package org.swtdx.tdxmodule;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Finds the steps that a failing sequence needs. */
final class Shrinking {
  private Shrinking() {}

  /** Leaves steps out, many at first, for as long as the sequence still fails. */
  static <T> List<T> shrink(List<T> steps, Predicate<List<T>> fails) {
    List<T> best = steps;
    for (int size = steps.size() / 2; size > 0; size /= 2) {
      for (int from = 0; from < best.size(); ) {
        List<T> shorter = new ArrayList<>(best.subList(0, from));
        shorter.addAll(best.subList(Math.min(from + size, best.size()), best.size()));
        if (fails.test(shorter)) {
          best = shorter;
        } else {
          from += size;
        }
      }
    }
    return best;
  }
}
