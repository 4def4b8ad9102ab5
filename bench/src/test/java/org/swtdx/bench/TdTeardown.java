package org.swtdx.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The end of a TD with 1 GiB of private memory in 2 MiB pages: flush, cache write-back, freeing the
 * KeyID, reclaiming each page. The floor is as many SEAMCALLs that only read a page's metadata.
 */
@Floor("metadataOfEachPage")
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 80)
@Measurement(iterations = 20)
public class TdTeardown {
  private static final int LARGE_PAGES = 512;
  private static final long LARGE = 2 << 20;
  private static final long GPA = 0x1_0000_0000L;

  private Rig rig;
  private long from;
  private long smallEnd;

  /** A TD with a vCPU and 1 GiB. */
  @Setup(Level.Iteration)
  public void setUp() {
    rig = new Rig();
    rig.build();
    rig.tables(GPA, 1);
    smallEnd = rig.end();
    from = rig.pages(LARGE_PAGES * LARGE);
    for (int i = 0; i < LARGE_PAGES; i++) {
      Rig.ok(rig.call(6, GPA + i * LARGE | 1, rig.tdr, from + i * LARGE, 0));
    }
  }

  @Benchmark
  public void metadataOfEachPage() {
    for (int i = 0; i < LARGE_PAGES; i++) {
      Rig.ok(rig.call(24, from + i * LARGE, 0, 0, 0));
    }
    for (long page = Rig.TDMR; page < smallEnd; page += 4096) {
      Rig.ok(rig.call(24, page, 0, 0, 0));
    }
  }

  @Benchmark
  public void teardown() {
    Rig.ok(rig.call(18, rig.tdvpr, 0, 0, 0));
    Rig.ok(rig.call(19, rig.tdr, 0, 0, 0));
    for (int lp = 0; lp < Rig.LPS; lp++) {
      Rig.ok(rig.callOn(lp, rig.regs, 40, 0, 0, 0, 0));
    }
    Rig.ok(rig.call(20, rig.tdr, 0, 0, 0));
    for (int i = 0; i < LARGE_PAGES; i++) {
      Rig.ok(rig.call(28, from + i * LARGE, 0, 0, 0));
    }
    for (long page = rig.tdr + 4096; page < smallEnd; page += 4096) {
      Rig.ok(rig.call(28, page, 0, 0, 0));
    }
    Rig.ok(rig.call(28, rig.tdr, 0, 0, 0));
  }

  @TearDown(Level.Iteration)
  public void tearDown() {
    rig.close();
  }
}
