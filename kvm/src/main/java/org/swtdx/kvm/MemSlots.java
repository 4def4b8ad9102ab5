package org.swtdx.kvm;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory slots of a VM, by number and by guest frame; they do not overlap. Immutable: a change
 * makes a new set. Lookups and changes take logarithmic time.
 */
final class MemSlots {
  static final MemSlots EMPTY =
      new MemSlots(SlotTree.empty(MemSlot::id), SlotTree.empty(MemSlot::baseGfn));

  private final SlotTree byId;
  private final SlotTree byFrame;
  private @Nullable MemSlot recent;

  private MemSlots(SlotTree byId, SlotTree byFrame) {
    this.byId = byId;
    this.byFrame = byFrame;
  }

  /** Returns the slot that covers {@code gfn}, or null. */
  @Nullable MemSlot find(long gfn) {
    MemSlot hint = recent;
    if (hint != null && hint.contains(gfn)) {
      return hint;
    }
    MemSlot slot = byFrame.atOrBelow(gfn);
    if (slot == null || !slot.contains(gfn)) {
      return null;
    }
    recent = slot;
    return slot;
  }

  /** Returns the slot with number {@code id}, or null. */
  @Nullable MemSlot byId(int id) {
    return byId.get(id);
  }

  /** Whether a slot other than {@code except} overlaps a range of frames. */
  boolean overlaps(long from, long to, int except) {
    MemSlot slot = byFrame.atOrBelow(to - 1);
    while (slot != null && slot.endGfn() > from) {
      if (slot.id() != except) {
        return true;
      }
      slot = byFrame.atOrBelow(slot.baseGfn() - 1);
    }
    return false;
  }

  /** All slots, by guest frame. */
  List<MemSlot> all() {
    List<MemSlot> list = new ArrayList<>();
    byFrame.addTo(list);
    return list;
  }

  /** Returns this set without slot {@code id} and, unless null, with {@code added}. */
  MemSlots replace(int id, @Nullable MemSlot added) {
    MemSlot old = byId.get(id);
    SlotTree ids = old == null ? byId : byId.without(old);
    SlotTree frames = old == null ? byFrame : byFrame.without(old);
    return added == null
        ? new MemSlots(ids, frames)
        : new MemSlots(ids.with(added), frames.with(added));
  }
}
