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
 * TDH.MR.EXTEND of one 256-byte chunk. The floor is SHA-384 over the 384 bytes that it hashes: a
 * 128-byte record and the chunk.
 */
@Floor("bareSha384")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class MrExtend {
  private static final long GPA = 0x20_0000;

  private final byte[] record = new byte[384];
  private Rig rig;
  private java.security.MessageDigest digest;
  private int chunk;

  /** A TD under construction with one page. */
  @Setup
  public void setUp() throws java.security.NoSuchAlgorithmException {
    digest = java.security.MessageDigest.getInstance("SHA-384");
    rig = new Rig();
    rig.build();
    rig.add(GPA, new byte[] {1});
  }

  @Benchmark
  public void bareSha384() {
    digest.update(record);
  }

  @Benchmark
  public void mrExtend() {
    chunk = chunk + 256 & 4095;
    Rig.ok(rig.call(16, GPA + chunk, rig.tdr, 0, 0));
  }

  @TearDown
  public void tearDown() {
    rig.close();
  }
}
