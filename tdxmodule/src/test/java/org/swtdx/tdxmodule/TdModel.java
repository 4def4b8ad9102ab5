package org.swtdx.tdxmodule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.swtdx.seamcall.StatusCode;

/** What there is to know of a TD, for {@link PlatformModel}: sets and counters, no bits. */
final class TdModel {
  /** Life cycle, as far as leaves tell the difference. */
  enum Life {
    NO_KEY,
    ALIVE,
    BLOCKED,
    TEARDOWN
  }

  /** State of a Secure EPT entry. */
  enum Entry {
    FREE,
    TABLE,
    TABLE_BLOCKED,
    MAPPED,
    BLOCKED,
    PENDING,
    PENDING_BLOCKED;

    boolean table() {
      return this == TABLE || this == TABLE_BLOCKED;
    }

    boolean blocked() {
      return this == TABLE_BLOCKED || this == BLOCKED || this == PENDING_BLOCKED;
    }

    boolean leaf() {
      return this != FREE && !table();
    }

    Entry block() {
      return switch (this) {
        case TABLE -> TABLE_BLOCKED;
        case MAPPED -> BLOCKED;
        case PENDING -> PENDING_BLOCKED;
        case FREE, TABLE_BLOCKED, BLOCKED, PENDING_BLOCKED -> this;
      };
    }

    Entry unblock() {
      return switch (this) {
        case TABLE_BLOCKED -> TABLE;
        case BLOCKED -> MAPPED;
        case PENDING_BLOCKED -> PENDING;
        case FREE, TABLE, MAPPED, PENDING -> this;
      };
    }
  }

  /** A used entry of the Secure EPT. */
  static final class Slot {
    Entry state = Entry.FREE;
    long page;
    long blockedIn;
  }

  /** A vCPU under construction or ready. */
  static final class Vcpu {
    final long tdvpr;
    int pages = 1;
    boolean ready;
    int lp = -1;

    Vcpu(long tdvpr) {
      this.tdvpr = tdvpr;
    }
  }

  static final int TOP = 3;

  final long tdr;
  final int keyId;
  Life life = Life.NO_KEY;
  int packages;
  int controlPages;
  boolean initialized;
  boolean runnable;
  long epoch = 1;
  int vcpuCount;
  final List<Vcpu> vcpus = new ArrayList<>();

  /** Used entries by level and address: key is address | level. */
  final Map<Long, Slot> slots = new HashMap<>();

  /** The guest whose TDCALLs the model knows, and the accept that it repeats. */
  @Nullable GuestTd guest;

  long repeatedAccept = -1;

  TdModel(long tdr, int keyId) {
    this.tdr = tdr;
    this.keyId = keyId;
  }

  /** What a leaf that needs a TD with keys and control pages says before it looks further. */
  StatusCode check() {
    if (life != Life.ALIVE) {
      return StatusCode.TD_KEYS_NOT_CONFIGURED;
    }
    return controlPages < 6 ? StatusCode.TDCS_NOT_ALLOCATED : StatusCode.SUCCESS;
  }

  static long covered(int level) {
    return 4096L << 9 * level;
  }

  private static long key(long gpa, int level) {
    return gpa & -covered(level) | level;
  }

  /** The entry for an address, or a free one that is not remembered. */
  Slot slot(long gpa, int level) {
    Slot slot = slots.get(key(gpa, level));
    return slot == null ? new Slot() : slot;
  }

  /** Whether a walk gets down to the level: through open tables only. */
  boolean reaches(long gpa, int level) {
    for (int above = TOP; above > level; above--) {
      if (slot(gpa, above).state != Entry.TABLE) {
        return false;
      }
    }
    return true;
  }

  void set(long gpa, int level, Entry state, long page) {
    Slot slot = slots.computeIfAbsent(key(gpa, level), _ -> new Slot());
    slot.state = state;
    slot.page = page;
    slot.blockedIn = 0;
  }

  void free(long gpa, int level) {
    slots.remove(key(gpa, level));
  }

  /** Whether nothing is used below the table that the entry refers to. */
  boolean emptyBelow(long gpa, int level) {
    long from = gpa & -covered(level);
    return slots.keySet().stream()
        .noneMatch(
            key ->
                (key & 7) == level - 1
                    && (key & ~7L) >= from
                    && (key & ~7L) < from + covered(level));
  }

  /** What block and tracking rules say to a leaf that removes a translation. */
  StatusCode tracked(Slot slot) {
    if (!runnable) {
      return StatusCode.SUCCESS;
    }
    if (!slot.state.blocked()) {
      return StatusCode.GPA_RANGE_NOT_BLOCKED;
    }
    // Nobody is inside between steps, so one TRACK after the block is enough.
    return slot.blockedIn < epoch ? StatusCode.SUCCESS : StatusCode.TLB_TRACKING_NOT_DONE;
  }

  /** The vCPU whose root page is at {@code hpa}, or null. */
  @Nullable Vcpu vcpu(long hpa) {
    for (Vcpu v : vcpus) {
      if (v.tdvpr == hpa) {
        return v;
      }
    }
    return null;
  }

  /** Level of the page that starts at {@code frame}, -1 inside a large one. */
  int sizeOf(long frame) {
    for (Map.Entry<Long, Slot> e : slots.entrySet()) {
      Slot slot = e.getValue();
      int level = (int) (e.getKey() & 7);
      if (slot.state.leaf()
          && level > 0
          && frame >= slot.page
          && frame < slot.page + covered(level)) {
        return frame == slot.page ? level : -1;
      }
    }
    return 0;
  }

  /** The host took a page back after the TD's end. */
  void reclaimed(long frame) {
    slots.values().removeIf(slot -> slot.page == frame);
    vcpus.removeIf(v -> v.tdvpr == frame);
  }

  /**
   * What the guest gets for TDG.MEM.PAGE.ACCEPT; UNDEFINED stands for an exit with an EPT
   * violation.
   */
  StatusCode accept(long gpa, int level) {
    int at = TOP;
    while (at > level && slot(gpa, at).state == Entry.TABLE) {
      at--;
    }
    Slot slot = slot(gpa, at);
    if (slot.state == Entry.MAPPED) {
      return StatusCode.PAGE_ALREADY_ACCEPTED;
    }
    if (at == level && slot.state == Entry.TABLE) {
      return StatusCode.PAGE_SIZE_MISMATCH;
    }
    if (at != level || slot.state != Entry.PENDING) {
      return StatusCode.UNDEFINED;
    }
    slot.state = Entry.MAPPED;
    return StatusCode.SUCCESS;
  }
}
