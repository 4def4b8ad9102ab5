package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.EpochTracker;

/** Several LPs on one TD at once: leaves may be busy, but the books must balance. */
class ConcurrencyTest {
  private static final long GPA = 0x80_0000;
  private static final int SLOTS = 8;
  private static final int ROUNDS = 4000;

  private final Host host = Host.ready();
  private final ConcurrentLinkedQueue<Long> free = new ConcurrentLinkedQueue<>();
  private long tdr;

  @Test
  void pagesAreNeverLostOrMappedTwice() throws InterruptedException, ExecutionException {
    tdr = host.initializedTd(Host.TD_KEYID, 0);
    host.addSept(tdr, GPA, 0);
    host.pretendVcpu(tdr);
    Host.ok(host.call(Host.MR_FINALIZE, tdr));
    for (int i = 0; i < 3 * SLOTS; i++) {
      free.add(host.page());
    }

    List<Future<?>> workers = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(Host.LPS)) {
      for (LogicalProcessor lp : host.platform.processors()) {
        workers.add(pool.submit(() -> work(lp)));
      }
    }
    for (Future<?> w : workers) {
      w.get();
    }

    long mapped = 0;
    for (int i = 0; i < SLOTS; i++) {
      Host.ok(host.call(Host.SEPT_RD, GPA + 4096L * i, tdr));
      mapped += host.regs.rdx >>> 8 == 0 ? 0 : 1;
    }
    assertThat(free).doesNotHaveDuplicates().hasSize(3 * SLOTS - (int) mapped);
    assertThat(host.td(tdr).childCount()).isEqualTo(6 + 3 + mapped);
    EpochTracker epochs = host.td(tdr).tdcs().epochs();
    assertThat(epochs.refcount(0) + epochs.refcount(1)).isZero();
    host.stop(tdr); // no lock was left behind
    host.close();
  }

  private void work(LogicalProcessor lp) {
    Random random = new Random(lp.index());
    SeamRegisters regs = new SeamRegisters();
    EpochTracker epochs = host.td(tdr).tdcs().epochs();
    for (int i = 0; i < ROUNDS; i++) {
      long gpa = GPA + 4096L * random.nextInt(SLOTS);
      switch (random.nextInt(6)) {
        case 0, 1 -> augment(lp, regs, gpa);
        case 2 -> call(lp, regs, Host.RANGE_BLOCK, gpa, tdr, 0);
        case 3 -> call(lp, regs, Host.MEM_TRACK, tdr, 0, 0);
        case 4 -> {
          if (call(lp, regs, Host.PAGE_REMOVE, gpa, tdr, 0) == 0) {
            free.add(regs.rcx);
          }
        }
        default -> epochs.exit(epochs.enter());
      }
    }
  }

  private void augment(LogicalProcessor lp, SeamRegisters regs, long gpa) {
    Long page = free.poll();
    if (page != null && call(lp, regs, Host.PAGE_AUG, gpa, tdr, page) != 0) {
      free.add(page);
    }
  }

  private long call(
      LogicalProcessor lp, SeamRegisters regs, int leaf, long rcx, long rdx, long r8) {
    regs.rax = leaf;
    regs.rcx = rcx;
    regs.rdx = rdx;
    regs.r8 = r8;
    host.module.seamcall(lp, regs);
    assertThat(Status.is(regs.rax, Status.OPERAND_INVALID)).isFalse();
    assertThat(Status.is(regs.rax, Status.PAGE_METADATA_INCORRECT)).isFalse();
    return regs.rax;
  }
}
