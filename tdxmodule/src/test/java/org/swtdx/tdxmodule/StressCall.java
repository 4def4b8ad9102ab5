package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdxStatus;
import org.swtdx.seamcall.port.SeamRegisters;

/**
 * One call of a random sequence that several processors execute at once.
 *
 * @param round those of the same round are executed side by side
 * @param lp which processor executes it
 * @param leaf what it executes; processor 0 lets its guest accept a page instead
 * @param td number of the TD
 * @param page number of the page
 * @param address number of the address, and whether it is that of a large page
 */
record StressCall(int round, int lp, int leaf, int td, int page, int address) {
  private static final long GPA = StressTds.GPA, LARGE = StressTds.LARGE;
  private static final int VP_ADDCX = 4, VP_CREATE = 10, DEMOTE = 15, VP_FLUSH = 18, PROMOTE = 23;
  private static final int[] ON_MEMORY = {
    Host.PAGE_ADD,
    Host.SEPT_ADD,
    Host.PAGE_RELOCATE,
    Host.PAGE_AUG,
    Host.PAGE_AUG,
    Host.PAGE_AUG,
    Host.RANGE_BLOCK,
    Host.RANGE_BLOCK,
    DEMOTE,
    PROMOTE,
    Host.PAGE_REMOVE,
    Host.PAGE_REMOVE,
    Host.SEPT_REMOVE,
    Host.MEM_TRACK,
    Host.MEM_TRACK,
    Host.RANGE_UNBLOCK,
    VP_ADDCX,
    VP_CREATE
  };
  private static final int[] ON_LIFE = {
    Host.MNG_CREATE,
    Host.MNG_CREATE,
    Host.MNG_KEY_CONFIG,
    Host.MNG_KEY_CONFIG,
    Host.MNG_ADDCX,
    Host.MNG_INIT,
    Host.VPFLUSHDONE,
    Host.CACHE_WB,
    Host.CACHE_WB,
    Host.KEY_FREEID,
    Host.PAGE_RECLAIM,
    Host.PAGE_RECLAIM,
    VP_FLUSH
  };

  /** A random call; leaves on the life of TDs leave the two first alone. */
  static StressCall random(int round, int lp, SplittableRandom random) {
    boolean memory = random.nextInt(3) != 0;
    int[] leaves = memory ? ON_MEMORY : ON_LIFE;
    return new StressCall(
        round,
        lp,
        leaves[random.nextInt(leaves.length)],
        memory ? random.nextInt(2) : 2 + random.nextInt(StressTds.TDS - 2),
        random.nextInt(StressTds.PAGES),
        random.nextInt(6));
  }

  /**
   * A call for the same processor that is to meet another one: on the same address of the same TD,
   * mostly by the same leaf, now and then with the same page.
   */
  StressCall meeting(StressCall other, SplittableRandom random) {
    boolean sameLeaf = random.nextInt(4) != 0;
    int theirs = sameLeaf ? other.td : td & 2 | other.td & 1;
    int given = random.nextInt(4) == 0 ? other.page : page;
    return new StressCall(round, lp, sameLeaf ? other.leaf : leaf, theirs, given, other.address);
  }

  /** Executes it on {@code s}; returns the status, 0 for the guest. */
  long execute(StressTds s, SeamRegisters regs) {
    if (lp == 0) {
      accept(s.guest);
      return 0;
    }
    operands(s, regs);
    s.host.module.seamcall(s.host.platform.processors().get(lp), regs);
    assertThat(TdxStatus.of(regs.rax).code())
        .as("%s: 0x%x", this, regs.rax)
        .isNotIn(StatusCode.UNDEFINED, StatusCode.TD_FATAL);
    return regs.rax;
  }

  private void operands(StressTds s, SeamRegisters regs) {
    regs.rax = leaf;
    long tdr = s.root(td);
    switch (leaf) {
      case VP_ADDCX -> set(regs, s.pages.get(page), s.vcpus.get(td), 0);
      case VP_CREATE, Host.MNG_ADDCX -> set(regs, s.pages.get(page), tdr, 0);
      case VP_FLUSH -> set(regs, s.vcpus.get(page & 1), 0, 0);
      case Host.MNG_CREATE -> set(regs, tdr, Host.TD_KEYID + 2 + (page & 1), 0);
      case Host.MNG_INIT -> set(regs, tdr, Host.TD_PARAMS, 0);
      case Host.MNG_KEY_CONFIG, Host.VPFLUSHDONE, Host.KEY_FREEID, Host.MEM_TRACK ->
          set(regs, tdr, 0, 0);
      case Host.CACHE_WB -> set(regs, 0, 0, 0);
      case Host.PAGE_RECLAIM -> set(regs, page % 3 == 0 ? tdr : s.pages.get(page), 0, 0);
      default -> {
        boolean onlyLarge =
            leaf == DEMOTE || leaf == PROMOTE || leaf == Host.SEPT_ADD || leaf == Host.SEPT_REMOVE;
        boolean large = onlyLarge || (address & 1) != 0;
        long gpa = large ? LARGE | 1 : (page % 2 == 0 ? LARGE : GPA) + 4096L * (address >> 1);
        boolean givesLarge = leaf == Host.PAGE_AUG && large;
        long given = givesLarge ? s.largePages.get(page % s.largePages.size()) : s.pages.get(page);
        set(regs, gpa, tdr, given);
        regs.r9 = Host.SOURCE;
      }
    }
  }

  private static void set(SeamRegisters regs, long rcx, long rdx, long r8) {
    regs.rcx = rcx;
    regs.rdx = rdx;
    regs.r8 = r8;
  }

  /** Lets the guest accept some page, or repeat what it could not before. */
  private void accept(GuestTd guest) {
    Host host = guest.host;
    host.regs.r15 = 6;
    host.regs.r14 = (address & 1) != 0 ? LARGE | 1 : GPA + 4096L * (address >> 1);
    TdxStatus status = TdxStatus.of(guest.enter());
    assertThat(status.code())
        .isIn(StatusCode.SUCCESS, StatusCode.OPERAND_BUSY, StatusCode.HOST_PRIORITY_BUSY_TIMEOUT);
    if (status.is(StatusCode.SUCCESS)) {
      assertThat(status.details()).as("exit reason").isIn(48, 77);
    }
  }
}
