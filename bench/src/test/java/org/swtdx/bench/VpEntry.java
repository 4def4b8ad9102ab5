package org.swtdx.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * TDH.VP.ENTER to a TD exit and back, with a guest that does nothing but ask for it (three
 * instructions and TDG.VP.VMCALL). The floor is a SEAMCALL that is refused for its leaf number.
 */
@Floor("refusedSeamcall")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class VpEntry {
  private Rig rig;

  /** Starts the guest. */
  @Setup
  public void setUp() {
    rig = new Rig();
    rig.build();
    rig.start();
  }

  @Benchmark
  public long refusedSeamcall() {
    return rig.call(0xffff, 0, 0, 0, 0);
  }

  @Benchmark
  public void enterAndExit() {
    rig.enter(0, 0, 0);
  }

  @TearDown
  public void tearDown() {
    rig.close();
  }
}
