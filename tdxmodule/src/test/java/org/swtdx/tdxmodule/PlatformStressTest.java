package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdxStatus;
import org.swtdx.seamcall.port.SeamRegisters;

/**
 * Several logical processors call whatever they like on the same two TDs, one of which runs its
 * guest. Whoever wins, each answer is documented, and whenever all stand still the invariants hold.
 */
@Timeout(120)
class PlatformStressTest {
  private static final int ROUNDS = 12;
  private static final int CALLS = 150;
  private static final int PAGES = 24;
  private static final long GPA = 0x80_0000, LARGE = 0x4000_0000L;
  private static final int[] LEAVES = {
    2, 3, 5, 6, 6, 6, 7, 7, 15, 23, 29, 29, 30, 38, 38, 39, 4, 10
  };

  private final Host host = Host.ready();
  private final List<Long> pages = new ArrayList<>();
  private final List<Long> largePages = List.of(host.largePage(), host.largePage());
  private final List<Long> tds = new ArrayList<>();
  private final List<Long> vcpus = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void nothingIsLostOrSharedWhoeverWins(long seed) throws Exception {
    GuestTd guest = new GuestTd(host, Host.TD_KEYID, GuestLoop.code());
    GuestLoop.start(guest);
    tds.add(guest.tdr);
    long built = host.initializedTd(Host.TD_KEYID + 1, 0);
    tds.add(built);
    vcpus.add(guest.tdvpr);
    vcpus.add(VcpuStatusCases.created(host, built, 0));
    for (long tdr : tds) {
      host.addSept(tdr, GPA, 0);
      host.addSept(tdr, LARGE, 1);
    }
    for (int i = 0; i < PAGES; i++) {
      pages.add(host.page());
    }
    PlatformInvariants invariants = new PlatformInvariants(host, host.frames());
    CyclicBarrier standStill = new CyclicBarrier(Host.LPS, invariants::check);

    List<Future<?>> workers = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(Host.LPS)) {
      for (LogicalProcessor lp : host.platform.processors()) {
        SplittableRandom random = new SplittableRandom(seed * 31 + lp.index());
        workers.add(
            pool.submit(
                () -> {
                  work(lp, lp == guest.lp ? guest : null, random, standStill);
                  return null;
                }));
      }
    }
    Throwable first = failure.get();
    if (first != null) {
      throw new AssertionError("seed " + seed, first);
    }
    for (Future<?> worker : workers) {
      worker.get();
    }
    invariants.tearDown();
    host.close();
  }

  private void work(
      LogicalProcessor lp,
      @Nullable GuestTd guest,
      SplittableRandom random,
      CyclicBarrier standStill)
      throws Exception {
    try {
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CALLS; i++) {
          if (guest != null) {
            accept(guest, random);
          } else {
            call(lp, random);
          }
        }
        standStill.await(60, TimeUnit.SECONDS);
      }
    } catch (AssertionError | Exception e) {
      failure.compareAndSet(null, e);
      standStill.reset();
      throw e;
    }
  }

  private void call(LogicalProcessor lp, SplittableRandom random) {
    SeamRegisters regs = new SeamRegisters();
    int leaf = LEAVES[random.nextInt(LEAVES.length)];
    long tdr = tds.get(random.nextInt(tds.size()));
    long page = pages.get(random.nextInt(PAGES));
    regs.rax = leaf;
    switch (leaf) {
      case 4 -> {
        regs.rcx = page;
        regs.rdx = vcpus.get(random.nextInt(vcpus.size()));
      }
      case 10 -> {
        regs.rcx = page;
        regs.rdx = tdr;
      }
      case 38 -> regs.rcx = tdr;
      default -> {
        int level = leaf == 15 || leaf == 23 || leaf == 30 || leaf == 3 ? 1 : random.nextInt(2);
        long gpa = level == 1 ? LARGE : random.nextBoolean() ? LARGE : GPA;
        regs.rcx = level == 1 ? gpa | 1 : gpa + 4096L * random.nextInt(3);
        regs.rdx = tdr;
        regs.r8 = leaf == 6 && level == 1 ? largePages.get(random.nextInt(2)) : page;
        regs.r9 = Host.SOURCE;
      }
    }
    host.module.seamcall(lp, regs);
    assertThat(TdxStatus.of(regs.rax).code())
        .as("leaf %d: 0x%x", leaf, regs.rax)
        .isNotIn(StatusCode.UNDEFINED, StatusCode.TD_FATAL);
  }

  /** Lets the guest accept some page, or repeat what it could not before. */
  private static void accept(GuestTd guest, SplittableRandom random) {
    Host host = guest.host;
    host.regs.r15 = 6;
    host.regs.r14 = random.nextBoolean() ? LARGE | 1 : GPA + 4096L * random.nextInt(3);
    TdxStatus status = TdxStatus.of(guest.enter());
    assertThat(status.code())
        .isIn(StatusCode.SUCCESS, StatusCode.OPERAND_BUSY, StatusCode.HOST_PRIORITY_BUSY_TIMEOUT);
    if (status.is(StatusCode.SUCCESS)) {
      assertThat(status.details()).as("exit reason").isIn(48, 77);
    }
  }
}
