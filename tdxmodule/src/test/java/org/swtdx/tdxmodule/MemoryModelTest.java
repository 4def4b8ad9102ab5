package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.EpochTracker;

/**
 * Random leaves on two TDs against a model that knows only sets: which page maps where, what is
 * blocked since when, and who is inside. The module must agree on every outcome, and in the end
 * give every page back.
 */
class MemoryModelTest {
  private static final int STEPS = 6000;
  private static final int SLOTS = 24;
  private static final long GPA = 0x80_0000;

  private enum State {
    FREE,
    MAPPED,
    PENDING,
    BLOCKED,
    PENDING_BLOCKED;

    boolean blocked() {
      return this == BLOCKED || this == PENDING_BLOCKED;
    }
  }

  /** One 4 KiB slot of a TD's address space. */
  private static final class Slot {
    State state = State.FREE;
    long page;
    long blockedAt;
  }

  /** The model of one TD. */
  private static final class Model {
    final long tdr;
    final Slot[] slots = new Slot[SLOTS];
    boolean running;
    long epoch = 1;
    final Map<Long, Integer> inside = new HashMap<>();

    Model(long tdr) {
      this.tdr = tdr;
      java.util.Arrays.setAll(slots, _ -> new Slot());
    }

    /** Nobody is inside who entered in {@code since} or before. */
    boolean nobodySince(long since) {
      return inside.keySet().stream().noneMatch(e -> e <= since);
    }

    long pages() {
      return java.util.Arrays.stream(slots).filter(s -> s.state != State.FREE).count();
    }
  }

  private final Host host = Host.ready();
  private final Model[] tds = new Model[2];
  private final java.util.ArrayDeque<Long> free = new java.util.ArrayDeque<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void theModuleAgreesWithTheModel(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < tds.length; i++) {
      long tdr = host.initializedTd(Host.TD_KEYID + i, 0);
      host.addSept(tdr, GPA, 0);
      host.pretendVcpu(tdr);
      tds[i] = new Model(tdr);
    }
    for (int i = 0; i < SLOTS; i++) {
      free.add(host.page());
    }
    for (int i = 0; i < STEPS; i++) {
      step(random, tds[random.nextInt(tds.length)], random.nextInt(SLOTS), i);
    }
    for (Model m : tds) {
      leaveAll(m);
      tearDown(m);
    }
    host.close();
  }

  private void step(Random random, Model m, int index, int i) {
    int action = random.nextInt(40);
    Slot s = m.slots[index];
    long gpa = GPA + 4096L * index;
    switch (action) {
      case 0, 1, 2, 3, 4, 5, 6 -> add(m, s, gpa, Host.PAGE_AUG);
      case 7, 8, 9 -> add(m, s, gpa, Host.PAGE_ADD);
      case 10, 11, 12, 13, 14, 15, 16 -> block(m, s, gpa);
      case 17, 18, 19 -> unblock(m, s, gpa);
      case 20, 21, 22, 23, 24, 25, 26 -> remove(m, s, gpa);
      case 27, 28, 29 -> relocate(m, s, gpa);
      case 30, 31, 32, 33 -> track(m);
      case 34, 35 -> enter(m);
      case 36, 37 -> leave(m, random);
      case 38 -> check(m, s, gpa);
      default -> {
        if (i > STEPS / 4 && !m.running) {
          Host.ok(host.call(Host.MR_FINALIZE, m.tdr));
          m.running = true;
        }
      }
    }
    assertThat(host.td(m.tdr).childCount()).isEqualTo(6 + 3 + m.pages());
  }

  private void add(Model m, Slot s, long gpa, int leaf) {
    Long page = free.peek();
    if (page == null) {
      return;
    }
    long status = host.call(leaf, gpa, m.tdr, page, Host.SOURCE);
    if (leaf == Host.PAGE_ADD && m.running) {
      assertThat(status).isEqualTo(Status.OP_STATE_INCORRECT);
    } else if (s.state != State.FREE) {
      assertIs(status, Status.EPT_ENTRY_STATE_INCORRECT);
    } else {
      Host.ok(status);
      s.state = leaf == Host.PAGE_ADD ? State.MAPPED : State.PENDING;
      s.page = free.remove();
    }
  }

  private void block(Model m, Slot s, long gpa) {
    long status = host.call(Host.RANGE_BLOCK, gpa, m.tdr);
    if (s.state == State.FREE) {
      assertIs(status, Status.EPT_ENTRY_STATE_INCORRECT);
    } else if (s.state.blocked()) {
      assertIs(status, Status.GPA_RANGE_ALREADY_BLOCKED);
    } else {
      Host.ok(status);
      s.state = s.state == State.MAPPED ? State.BLOCKED : State.PENDING_BLOCKED;
      s.blockedAt = m.epoch;
    }
  }

  private boolean mayGo(Model m, Slot s, long status) {
    if (m.running && !s.state.blocked()) {
      assertIs(status, Status.GPA_RANGE_NOT_BLOCKED);
      return false;
    }
    if (m.running && !(m.epoch > s.blockedAt && m.nobodySince(s.blockedAt))) {
      assertIs(status, Status.TLB_TRACKING_NOT_DONE);
      return false;
    }
    Host.ok(status);
    return true;
  }

  private void unblock(Model m, Slot s, long gpa) {
    long status = host.call(Host.RANGE_UNBLOCK, gpa, m.tdr);
    if (!s.state.blocked()) {
      assertIs(status, Status.EPT_ENTRY_STATE_INCORRECT);
    } else if (mayGo(m, s, status)) {
      s.state = s.state == State.BLOCKED ? State.MAPPED : State.PENDING;
    }
  }

  private void remove(Model m, Slot s, long gpa) {
    long status = host.call(Host.PAGE_REMOVE, gpa, m.tdr);
    if (s.state == State.FREE) {
      assertIs(status, Status.EPT_ENTRY_STATE_INCORRECT);
    } else if (mayGo(m, s, status)) {
      assertThat(host.regs.rcx).isEqualTo(s.page);
      free.add(s.page);
      s.state = State.FREE;
    }
  }

  private void relocate(Model m, Slot s, long gpa) {
    Long page = free.peek();
    if (page == null) {
      return;
    }
    long status = host.call(Host.PAGE_RELOCATE, gpa, m.tdr, page);
    if (s.state == State.FREE) {
      assertIs(status, Status.EPT_ENTRY_STATE_INCORRECT);
    } else if (mayGo(m, s, status)) {
      assertThat(host.regs.rcx).isEqualTo(s.page);
      free.add(s.page);
      s.page = free.remove();
      s.state =
          switch (s.state) {
            case BLOCKED -> State.MAPPED;
            case PENDING_BLOCKED -> State.PENDING;
            case FREE, MAPPED, PENDING -> s.state;
          };
    }
  }

  private void track(Model m) {
    long status = host.call(Host.MEM_TRACK, m.tdr);
    if (m.nobodySince(m.epoch - 1)) {
      Host.ok(status);
      m.epoch++;
    } else {
      assertThat(status).isEqualTo(Status.PREVIOUS_TLB_EPOCH_BUSY);
    }
  }

  private void enter(Model m) {
    if (m.running) {
      assertThat(epochs(m).enter()).isEqualTo(m.epoch);
      m.inside.merge(m.epoch, 1, Integer::sum);
    }
  }

  private void leave(Model m, Random random) {
    if (!m.inside.isEmpty()) {
      Long[] since = m.inside.keySet().toArray(new Long[0]);
      leave(m, since[random.nextInt(since.length)]);
    }
  }

  private void leave(Model m, long since) {
    epochs(m).exit(since);
    m.inside.computeIfPresent(since, (_, n) -> n == 1 ? null : n - 1);
  }

  private void leaveAll(Model m) {
    while (!m.inside.isEmpty()) {
      leave(m, m.inside.keySet().iterator().next());
    }
  }

  private void check(Model m, Slot s, long gpa) {
    Host.ok(host.call(Host.SEPT_RD, gpa, m.tdr));
    int expected =
        switch (s.state) {
          case FREE -> 0;
          case BLOCKED -> 1;
          case PENDING -> 2;
          case PENDING_BLOCKED -> 3;
          case MAPPED -> 4;
        };
    assertThat(host.regs.rdx >>> 8).isEqualTo(expected);
    if (s.state != State.FREE) {
      assertThat(host.regs.rcx & 0xf_ffff_ffff_f000L).isEqualTo(s.page);
      Host.ok(host.call(Host.PAGE_RDMD, s.page));
      assertThat(host.regs.rcx).isEqualTo(PageType.REG.number());
      assertThat(host.regs.rdx).isEqualTo(m.tdr);
    }
  }

  private void tearDown(Model m) {
    host.stop(m.tdr);
    long end = host.page();
    for (long p = Host.TDMR; p < end; p += 4096) {
      Host.ok(host.call(Host.PAGE_RDMD, p));
      if (host.regs.rdx == m.tdr && host.regs.rcx != PageType.NDA.number()) {
        Host.ok(host.call(Host.PAGE_RECLAIM, p));
      }
    }
    Host.ok(host.call(Host.PAGE_RECLAIM, m.tdr));
    long left = host.ownedPages();
    assertThat(left).isEqualTo(m == tds[0] ? 1 + 6 + 3 + tds[1].pages() : 0);
  }

  private EpochTracker epochs(Model m) {
    return host.td(m.tdr).tdcs().epochs();
  }

  private static void assertIs(long status, long code) {
    assertThat(status >>> 32).isEqualTo(code >>> 32);
  }
}
