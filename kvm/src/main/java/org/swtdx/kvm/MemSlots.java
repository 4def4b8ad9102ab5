package org.swtdx.kvm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The memory slots of a VM, ordered by guest frame. Immutable: a change makes a new set. */
final class MemSlots {
  static final MemSlots EMPTY = new MemSlots(new MemSlot[0]);

  private final MemSlot[] slots;
  private int recent;

  private MemSlots(MemSlot[] slots) {
    this.slots = slots;
  }

  /** Returns the slot that covers {@code gfn}, or null. */
  @Nullable MemSlot find(long gfn) {
    int hint = recent;
    if (hint < slots.length && slots[hint].contains(gfn)) {
      return slots[hint];
    }
    for (int i = 0; i < slots.length; i++) {
      if (slots[i].contains(gfn)) {
        recent = i;
        return slots[i];
      }
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
    for (MemSlot slot : slots) {
      if (slot.id() != except && slot.baseGfn() < to && slot.endGfn() > from) {
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
    List<MemSlot> list = new ArrayList<>();
    for (MemSlot slot : slots) {
      if (slot.id() != id) {
        list.add(slot);
      }
    }
    if (added != null) {
      list.add(added);
    }
    list.sort(Comparator.comparingLong(MemSlot::baseGfn));
    return new MemSlots(list.toArray(new MemSlot[0]));
  }
}
