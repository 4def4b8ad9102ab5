package org.swtdx.tdxmodule;

import org.jspecify.annotations.Nullable;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdxStatus;
import org.swtdx.tdxmodule.TdModel.Entry;
import org.swtdx.tdxmodule.TdModel.Life;
import org.swtdx.tdxmodule.TdModel.Slot;

/** A step on a TD's private memory. */
final class MemoryStep extends PlatformStep {
  /** Stands for a TD exit with an EPT violation. */
  private static final StatusCode EPT_VIOLATION = StatusCode.UNDEFINED;

  private static final int DEMOTE = 15, PROMOTE = 23, PAGE_ACCEPT = 6;
  private static final int TDCALL_EXIT = 77;

  MemoryStep(PlatformModel model, PlatformModel.Step s, @Nullable TdModel td, long tdr) {
    super(model, s, td, tdr);
  }

  @Override
  @Nullable StatusCode run() {
    return switch (s.action()) {
      case MAP -> tables(s.page() & 1);
      case SEPT_ADD -> septAdd(1 + s.page() % TdModel.TOP);
      case PAGE_ADD -> pageAdd();
      case AUG -> augment(0, page);
      case AUG_LARGE -> augment(1, model.largePage(s.page()));
      case ACCEPT -> accept(0);
      case ACCEPT_LARGE -> accept(1);
      case BLOCK -> block(0);
      case BLOCK_TABLE -> block(1);
      case UNBLOCK -> unblock(s.page() & 1);
      case TRACK -> track();
      case REMOVE -> remove(0);
      case REMOVE_LARGE -> remove(1);
      case RELOCATE -> relocate();
      case DEMOTE -> demote();
      case PROMOTE -> promote();
      case SEPT_REMOVE -> septRemove(1 + s.page() % TdModel.TOP);
      default -> throw new AssertionError(s.action());
    };
  }

  /** {@link #open}, then the walk. */
  private StatusCode walk(int level, boolean alsoRunnable) {
    StatusCode open = open(alsoRunnable);
    if (open != StatusCode.SUCCESS) {
      return open;
    }
    return it().reaches(gpa, level) ? StatusCode.SUCCESS : StatusCode.EPT_WALK_FAILED;
  }

  private long mapping(int level) {
    return gpa & -TdModel.covered(level) | level;
  }

  /** The tables above an entry of a level. */
  private StatusCode tables(int level) {
    for (int l = TdModel.TOP; td != null && l > level; l--) {
      if (td.slot(gpa, l).state == Entry.FREE) {
        int number = s.page() - s.page() % TdModel.TOP + l - 1;
        part(PlatformModel.Action.SEPT_ADD, number % PlatformModel.PAGES, 0);
      }
    }
    return StatusCode.SUCCESS;
  }

  private StatusCode septAdd(int level) {
    call(Host.SEPT_ADD, mapping(level), tdr, page);
    return map(level, true, Entry.TABLE, page, 0);
  }

  private StatusCode pageAdd() {
    HostSight.write(model.host, Host.SOURCE, PlatformModel.SECRET);
    call(Host.PAGE_ADD, gpa, tdr, page, Host.SOURCE);
    return map(0, false, Entry.MAPPED, page, 0);
  }

  private StatusCode augment(int level, long given) {
    call(Host.PAGE_AUG, mapping(level), tdr, given);
    return map(level, true, Entry.PENDING, given, level);
  }

  private StatusCode map(int level, boolean alsoRunnable, Entry state, long given, int size) {
    StatusCode wanted = walk(level, alsoRunnable);
    if (wanted == StatusCode.SUCCESS && it().slot(gpa, level).state != Entry.FREE) {
      wanted = StatusCode.EPT_ENTRY_STATE_INCORRECT;
    }
    if (wanted == StatusCode.SUCCESS) {
      wanted = give(given, tdr);
      for (long at = 0; size > 0 && at < TdModel.covered(size); at += 4096) {
        wanted = wanted == StatusCode.SUCCESS ? give(given + at) : wanted;
      }
    }
    if (wanted == StatusCode.SUCCESS) {
      it().set(gpa, level, state, given);
      own(given, size);
    }
    return wanted;
  }

  private @Nullable StatusCode accept(int level) {
    if (td == null || td.guest == null || td.life != Life.ALIVE) {
      return null;
    }
    long operand = td.repeatedAccept >= 0 ? td.repeatedAccept : mapping(level);
    model.host.regs.r15 = PAGE_ACCEPT;
    model.host.regs.r14 = operand;
    int exit = (int) td.guest.enter();
    td.vcpus.getFirst().lp = 0;
    got = exit == TDCALL_EXIT ? TdxStatus.of(model.host.regs.r15).code() : EPT_VIOLATION;
    StatusCode wanted = td.accept(operand & ~7L, (int) operand & 7);
    td.repeatedAccept = wanted == EPT_VIOLATION ? operand : -1;
    return wanted;
  }

  private StatusCode block(int level) {
    call(Host.RANGE_BLOCK, mapping(level), tdr);
    StatusCode wanted = walk(level, true);
    if (wanted != StatusCode.SUCCESS) {
      return wanted;
    }
    Slot slot = it().slot(gpa, level);
    if (slot.state == Entry.FREE) {
      return StatusCode.EPT_ENTRY_STATE_INCORRECT;
    }
    if (slot.state.blocked()) {
      return StatusCode.GPA_RANGE_ALREADY_BLOCKED;
    }
    slot.state = slot.state.block();
    slot.blockedIn = it().epoch;
    return StatusCode.SUCCESS;
  }

  private StatusCode unblock(int level) {
    call(Host.RANGE_UNBLOCK, mapping(level), tdr);
    StatusCode wanted = walk(level, true);
    if (wanted != StatusCode.SUCCESS) {
      return wanted;
    }
    Slot slot = it().slot(gpa, level);
    if (!slot.state.blocked()) {
      return StatusCode.EPT_ENTRY_STATE_INCORRECT;
    }
    wanted = it().tracked(slot);
    if (wanted == StatusCode.SUCCESS) {
      slot.state = slot.state.unblock();
    }
    return wanted;
  }

  private StatusCode track() {
    call(Host.MEM_TRACK, tdr);
    StatusCode wanted = open(true);
    if (wanted == StatusCode.SUCCESS) {
      it().epoch++;
    }
    return wanted;
  }

  /** Checks of leaves that take a leaf entry, of one level, out of use. */
  private StatusCode leaf(int level) {
    StatusCode wanted = walk(level, true);
    if (wanted != StatusCode.SUCCESS) {
      return wanted;
    }
    Slot slot = it().slot(gpa, level);
    return slot.state.leaf() ? it().tracked(slot) : StatusCode.EPT_ENTRY_STATE_INCORRECT;
  }

  private StatusCode remove(int level) {
    call(Host.PAGE_REMOVE, mapping(level), tdr);
    StatusCode wanted = leaf(level);
    if (wanted == StatusCode.SUCCESS) {
      disown(it().slot(gpa, level).page, level);
      it().free(gpa, level);
    }
    return wanted;
  }

  private StatusCode relocate() {
    call(Host.PAGE_RELOCATE, gpa, tdr, page);
    StatusCode wanted = walk(0, true);
    if (wanted == StatusCode.SUCCESS) {
      Slot mapped = it().slot(gpa, 0);
      boolean itself = mapped.state.leaf() && mapped.page == page;
      wanted = itself ? StatusCode.OPERAND_INVALID : leaf(0);
    }
    if (wanted == StatusCode.SUCCESS) {
      Slot slot = it().slot(gpa, 0);
      wanted = give(page, tdr);
      if (wanted == StatusCode.SUCCESS) {
        disown(slot.page, 0);
        own(page, 0);
        it().set(gpa, 0, slot.state.unblock(), page);
      }
    }
    return wanted;
  }

  private StatusCode demote() {
    call(DEMOTE, mapping(1), tdr, page);
    StatusCode wanted = leaf(1);
    if (wanted == StatusCode.SUCCESS) {
      wanted = give(page, tdr);
    }
    if (wanted == StatusCode.SUCCESS) {
      Slot large = it().slot(gpa, 1);
      for (long at = 0; at < TdModel.covered(1); at += 4096) {
        it().set((gpa & -TdModel.covered(1)) + at, 0, large.state.unblock(), large.page + at);
      }
      it().set(gpa, 1, Entry.TABLE, page);
      own(page, 0);
    }
    return wanted;
  }

  private StatusCode promote() {
    call(PROMOTE, mapping(1), tdr);
    StatusCode wanted = table(1);
    if (wanted != StatusCode.SUCCESS) {
      return wanted;
    }
    long from = gpa & -TdModel.covered(1);
    Slot first = it().slot(from, 0);
    boolean even =
        (first.state == Entry.MAPPED || first.state == Entry.PENDING)
            && first.page % TdModel.covered(1) == 0;
    for (long at = 0; even && at < TdModel.covered(1); at += 4096) {
      Slot slot = it().slot(from + at, 0);
      even = slot.state == first.state && slot.page == first.page + at;
    }
    if (!even) {
      return StatusCode.EPT_INVALID_PROMOTE_CONDITIONS;
    }
    for (long at = 0; at < TdModel.covered(1); at += 4096) {
      it().free(from + at, 0);
    }
    disown(it().slot(gpa, 1).page, 0);
    it().set(gpa, 1, first.state, first.page);
    return StatusCode.SUCCESS;
  }

  private StatusCode table(int level) {
    StatusCode wanted = walk(level, true);
    if (wanted != StatusCode.SUCCESS) {
      return wanted;
    }
    Slot slot = it().slot(gpa, level);
    return slot.state.table() ? it().tracked(slot) : StatusCode.EPT_ENTRY_STATE_INCORRECT;
  }

  private StatusCode septRemove(int level) {
    call(Host.SEPT_REMOVE, mapping(level), tdr);
    StatusCode wanted = table(level);
    if (wanted == StatusCode.SUCCESS && !it().emptyBelow(gpa, level)) {
      wanted = StatusCode.EPT_PAGE_NOT_FREE;
    }
    if (wanted == StatusCode.SUCCESS) {
      disown(it().slot(gpa, level).page, 0);
      it().free(gpa, level);
    }
    return wanted;
  }
}
