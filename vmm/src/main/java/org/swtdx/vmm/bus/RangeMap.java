package org.swtdx.vmm.bus;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Devices by address range; ranges don't overlap, and the later claim wins a conflict. */
final class RangeMap<D> {
  /** A claimed range, last address inclusive. */
  record Range<D>(long first, long last, D device) {
    boolean contains(long address, int size) {
      return address >= first && address + size - 1 <= last;
    }
  }

  private volatile List<Range<D>> ranges = List.of();

  synchronized void claim(long first, long length, D device) {
    List<Range<D>> next = new ArrayList<>(ranges);
    next.addFirst(new Range<>(first, first + length - 1, device));
    ranges = List.copyOf(next);
  }

  synchronized void release(D device) {
    ranges = ranges.stream().filter(r -> r.device() != device).toList();
  }

  @Nullable Range<D> find(long address, int size) {
    List<Range<D>> current = ranges;
    for (int i = 0; i < current.size(); i++) { // no iterator: this is on the path of every exit
      Range<D> range = current.get(i);
      if (range.contains(address, size)) {
        return range;
      }
    }
    return null;
  }
}
