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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Giving a TD private memory: TDH.MEM.PAGE.AUG by the host and TDG.MEM.PAGE.ACCEPT by the guest,
 * for each page. The floor is zeroing as much memory, which any accept has to do.
 */
@Floor("zeroing")
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 100)
@Measurement(iterations = 20)
public class PageAugAccept {
  private static final int PAGES = 256;
  private static final long GPA = 0x1_0000_0000L;

  /** Size of the pages. */
  @Param({"4K", "2M"})
  public String size;

  private Rig rig;
  private int level;
  private long bytes;
  private byte[] plain;
  private long from;

  /** A TD with tables and nothing behind them. */
  @Setup(Level.Iteration)
  public void setUp() {
    level = size.equals("4K") ? 0 : 1;
    bytes = 4096L << 9 * level;
    plain = new byte[(int) bytes];
    rig = new Rig();
    rig.build();
    for (int i = 0; i < PAGES; i++) {
      rig.tables(GPA + i * bytes, level);
    }
    rig.start();
    from = rig.pages(PAGES * bytes);
  }

  @Benchmark
  @OperationsPerInvocation(PAGES)
  public byte[] zeroing() {
    for (int i = 0; i < PAGES; i++) {
      java.util.Arrays.fill(plain, (byte) 0);
    }
    return plain;
  }

  @Benchmark
  @OperationsPerInvocation(PAGES)
  public void augAndAccept() {
    for (int i = 0; i < PAGES; i++) {
      Rig.ok(rig.call(6, GPA + i * bytes | level, rig.tdr, from + i * bytes, 0));
    }
    rig.enter(GPA | level, PAGES, bytes);
  }

  @Benchmark
  @OperationsPerInvocation(PAGES)
  public void augOnly() {
    for (int i = 0; i < PAGES; i++) {
      Rig.ok(rig.call(6, GPA + i * bytes | level, rig.tdr, from + i * bytes, 0));
    }
  }

  @TearDown(Level.Iteration)
  public void tearDown() {
    rig.close();
  }
}
