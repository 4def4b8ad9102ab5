package org.swtdx.tdxmodule;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.swtdx.seamcall.StatusCode;

/**
 * An executable model of the module as the host sees it, beside the module itself. Each step is
 * executed on both, and the model says what the module must answer.
 */
final class PlatformModel implements AutoCloseable {
  /** Pages that steps name by number. */
  static final int PAGES = 40, LARGE_PAGES = 2, TDS = 2;

  private static final long[] ADDRESSES = {0x80_0000, 0x80_1000, 0x4000_0000L, 0x4000_1000L};

  /** The secret in every page that is added. */
  static final long SECRET = 0x5ec2e7_5ec2e7_5eL;

  final Host host = Host.ready();
  private final long[] pages = new long[PAGES];
  private final long[] large = new long[LARGE_PAGES];
  private final @Nullable TdModel[] tds = new TdModel[TDS];
  private final List<TdModel> all = new ArrayList<>();

  /** TDs that own 4 KiB frames, a large page counted as 512. */
  private final Map<Long, TdModel> owners = new TreeMap<>();

  /** A frame that is never given away, for operands that must not work. */
  private final long spare;

  /** One step: what to do, and numbers to choose what to do it with. */
  record Step(Action action, int td, int page, int address, int lp) {
    static Step random(SplittableRandom random) {
      Action[] actions = Action.values();
      int weight = random.nextInt(Action.WEIGHTS);
      int i = 0;
      while (weight >= actions[i].weight) {
        weight -= actions[i++].weight;
      }
      return new Step(
          actions[i],
          random.nextInt(TDS),
          random.nextInt(PAGES),
          random.nextInt(ADDRESSES.length),
          random.nextInt(Host.LPS));
    }
  }

  /** What a step does; the weight says how often it is drawn. */
  enum Action {
    GUEST(2),
    BUILD(3),
    MAP(24),
    BUILD_VCPU(2),
    END(1),
    CREATE(1),
    KEY_CONFIG(2),
    ADD_CONTROL_PAGE(2),
    INIT(1),
    SEPT_ADD(10),
    PAGE_ADD(12),
    AUG(24),
    AUG_LARGE(14),
    ACCEPT(16),
    ACCEPT_LARGE(10),
    BLOCK(18),
    BLOCK_TABLE(6),
    UNBLOCK(8),
    TRACK(20),
    REMOVE(18),
    REMOVE_LARGE(8),
    RELOCATE(12),
    DEMOTE(12),
    PROMOTE(8),
    SEPT_REMOVE(8),
    VP_CREATE(1),
    VP_ADDCX(2),
    VP_INIT(1),
    FINALIZE(1),
    FLUSH(2),
    FLUSH_DONE(1),
    WRITE_BACK(2),
    FREE_KEY(1),
    RECLAIM(4);

    static final int WEIGHTS = java.util.Arrays.stream(values()).mapToInt(a -> a.weight).sum();

    final int weight;

    Action(int weight) {
      this.weight = weight;
    }

    /** Whether it is about private memory. */
    boolean onMemory() {
      return switch (this) {
        case MAP,
            SEPT_ADD,
            PAGE_ADD,
            AUG,
            AUG_LARGE,
            ACCEPT,
            ACCEPT_LARGE,
            BLOCK,
            BLOCK_TABLE,
            UNBLOCK,
            TRACK,
            REMOVE,
            REMOVE_LARGE,
            RELOCATE,
            DEMOTE,
            PROMOTE,
            SEPT_REMOVE ->
            true;
        default -> false;
      };
    }
  }

  PlatformModel() {
    for (int i = 0; i < LARGE_PAGES; i++) {
      large[i] = host.largePage();
    }
    for (int i = 0; i < PAGES; i++) {
      pages[i] = host.page();
    }
    spare = host.page();
    host.writeTdParams(0);
  }

  /** Executes a step; returns a complaint when model and module disagree. */
  @Nullable String execute(Step s) {
    String complaint = prepare(s);
    if (complaint != null) {
      return complaint;
    }
    TdModel td = tds[s.td];
    long tdr = td == null ? spare : td.tdr;
    PlatformStep step =
        s.action.onMemory() ? new MemoryStep(this, s, td, tdr) : new LifeStep(this, s, td, tdr);
    StatusCode wanted = step.run();
    return wanted == null || step.got() == wanted
        ? null
        : "%s: the model says %s, the module %s".formatted(s, wanted, step.got());
  }

  /** Most steps first make what they need, so that sequences get beyond refusals. */
  private @Nullable String prepare(Step s) {
    TdModel td = tds[s.td];
    if (!s.action.onMemory() || s.action == Action.MAP || s.lp == 1) {
      return null;
    }
    if (td == null) {
      Action first = s.page % 3 == 0 ? Action.GUEST : Action.BUILD;
      return execute(new Step(first, s.td, s.page, s.address, 0));
    }
    if (td.life != TdModel.Life.ALIVE && s.lp == 2) {
      return execute(new Step(Action.END, s.td, s.page, s.address, 0));
    }
    boolean maps =
        s.action == Action.AUG || s.action == Action.AUG_LARGE || s.action == Action.PAGE_ADD;
    return maps && td.initialized
        ? execute(new Step(Action.MAP, s.td, s.action == Action.AUG_LARGE ? 1 : 0, s.address, 0))
        : null;
  }

  /** Invariants over all frames that the host has touched. */
  PlatformInvariants invariants() {
    return new PlatformInvariants(host, host.frames());
  }

  /** The page with number {@code i}; or, if {@code free}, the next after it that nobody owns. */
  long page(int i, boolean free) {
    for (int k = 0; free && k < PAGES; k++) {
      if (!owners.containsKey(pages[(i + k) % PAGES])) {
        return pages[(i + k) % PAGES];
      }
    }
    return pages[i];
  }

  long largePage(int i) {
    return large[i % LARGE_PAGES];
  }

  long address(int i) {
    return ADDRESSES[i];
  }

  static int addresses() {
    return ADDRESSES.length;
  }

  long spare() {
    return spare;
  }

  Map<Long, TdModel> owners() {
    return owners;
  }

  List<TdModel> all() {
    return all;
  }

  static int keyId(int slot) {
    return Host.TD_KEYID + slot;
  }

  /** Whether a TD has the KeyID, or its caches are not written back yet. */
  boolean keyIdInUse(int keyId) {
    return all.stream().anyMatch(td -> td.keyId == keyId && td.life != TdModel.Life.TEARDOWN);
  }

  /** Puts a new TD into a slot; the one that was there can still be reclaimed. */
  void add(int slot, TdModel td) {
    tds[slot] = td;
    all.add(td);
    owners.put(td.tdr, td);
  }

  /** Forgets a TD whose root was reclaimed. */
  void remove(TdModel td) {
    all.remove(td);
    for (int i = 0; i < TDS; i++) {
      if (tds[i] == td) {
        tds[i] = null;
      }
    }
  }

  @Override
  public void close() {
    host.close();
  }
}
