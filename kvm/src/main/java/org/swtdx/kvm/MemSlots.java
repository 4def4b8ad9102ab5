package org.swtdx.kvm;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory slots of a VM, ordered by guest frame; they do not overlap. Immutable: a change makes
 * a new set.
 */
final class MemSlots {
  static final MemSlots EMPTY = new MemSlots(new MemSlot[0]);

  private final MemSlot[] slots;
  private int recent;

  private MemSlots(MemSlot[] slots) {
    this.slots = slots;
  }

  /** Index of the first slot that ends after {@code gfn}. */
  private int firstEndingAfter(long gfn) {
    int low = 0;
    int high = slots.length;
    while (low < high) {
      int middle = low + high >>> 1;
      if (slots[middle].endGfn() > gfn) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Returns the slot that covers {@code gfn}, or null. */
  @Nullable MemSlot find(long gfn) {
    int hint = recent;
    if (hint < slots.length && slots[hint].contains(gfn)) {
      return slots[hint];
    }
    int at = firstEndingAfter(gfn);
    if (at < slots.length && slots[at].contains(gfn)) {
      recent = at;
      return slots[at];
    }
    return null;
  }

  /** Returns the slot with number {@code id}, or null. */
  @Nullable MemSlot byId(int id) {
    for (MemSlot slot : slots) {
      if (slot.id() == id) {
        return slot;
      }
    }
    return null;
  }

  /** Whether a slot other than {@code except} overlaps a range of frames. */
  boolean overlaps(long from, long to, int except) {
    for (int i = firstEndingAfter(from); i < slots.length && slots[i].baseGfn() < to; i++) {
      if (slots[i].id() != except) {
        return true;
      }
    }
    return false;
  }

  /** All slots. */
  List<MemSlot> all() {
    return List.of(slots);
  }

  /** Returns this set without slot {@code id} and, unless null, with {@code added}. */
  MemSlots replace(int id, @Nullable MemSlot added) {
    MemSlot[] kept = slots;
    for (int i = 0; i < slots.length; i++) {
      if (slots[i].id() == id) {
        kept = new MemSlot[slots.length - 1];
        System.arraycopy(slots, 0, kept, 0, i);
        System.arraycopy(slots, i + 1, kept, i, kept.length - i);
      }
    }
    return added == null ? new MemSlots(kept) : new MemSlots(kept).with(added);
  }

  private MemSlots with(MemSlot added) {
    int at = firstEndingAfter(added.baseGfn());
    MemSlot[] longer = Arrays.copyOf(slots, slots.length + 1);
    System.arraycopy(slots, at, longer, at + 1, slots.length - at);
    longer[at] = added;
    return new MemSlots(longer);
  }
}
