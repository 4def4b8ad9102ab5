package org.swtdx.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.swtdx.seamcall.port.SeamRegisters;

/**
 * TDH.MEM.PAGE.AUG on one logical processor and on two at once, each in its own 128 MiB of the same
 * TD. The floor is one alone: a ratio of 1 is perfect scaling.
 */
@Floor("oneProcessor")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 15)
@Measurement(iterations = 40)
public class AugScaling {
  private static final int PAGES = 32768;
  private static final long GPA = 0x1_0000_0000L;
  private static final long SLICE = PAGES * 4096L;

  /** What belongs to one processor. */
  @State(Scope.Thread)
  public static class Processor {
    private static final java.util.concurrent.atomic.AtomicInteger NEXT =
        new java.util.concurrent.atomic.AtomicInteger();

    final SeamRegisters regs = new SeamRegisters();
    int lp;

    /** Takes the next number. */
    @Setup(Level.Trial)
    public void setUp() {
      lp = NEXT.getAndIncrement() % Rig.LPS;
    }
  }

  private Rig rig;
  private long from;

  /** A TD with tables. */
  @Setup(Level.Iteration)
  public void setUp() {
    rig = new Rig();
    rig.build();
    for (long gpa = GPA; gpa < GPA + Rig.LPS * SLICE; gpa += 2 << 20) {
      rig.tables(gpa, 0);
    }
    from = rig.pages(Rig.LPS * SLICE);
  }

  private void aug(Processor p) {
    long slice = p.lp * SLICE;
    int busy = 0;
    for (int i = 0; i < PAGES; i++) {
      long at = slice + 4096L * i;
      while (rig.callOn(p.lp, p.regs, 6, GPA + at, rig.tdr, from + at, 0) != 0) {
        if (p.regs.rax >>> 32 != 0x80000200L || busy++ > 1_000_000) { // OPERAND_BUSY
          throw new IllegalStateException("status 0x" + Long.toHexString(p.regs.rax));
        }
      }
    }
  }

  @Benchmark
  @OperationsPerInvocation(PAGES)
  public void oneProcessor(Processor p) {
    aug(p);
  }

  @Benchmark
  @Threads(2)
  @OperationsPerInvocation(PAGES)
  public void twoProcessors(Processor p) {
    aug(p);
  }

  @TearDown(Level.Iteration)
  public void tearDown() {
    rig.close();
  }
}
