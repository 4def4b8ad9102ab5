package org.swtdx.bench;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
import org.openjdk.jmh.annotations.Warmup;
import org.swtdx.attestation.mrtd.MeasurementOrder;
import org.swtdx.attestation.mrtd.MrtdCalculator;
import org.swtdx.attestation.tdvf.TdvfException;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.embedded.EmbeddedTd;

/** Predicting the built-in TD's MRTD; the floor is SHA-384 over as many bytes as MRTD hashes. */
@Floor("bareSha384")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MrtdPrediction {
  private TdvfImage image;
  private byte[] bytes;
  private MessageDigest digest;

  /** Reads the image. */
  @Setup
  public void setUp() throws TdvfException, NoSuchAlgorithmException {
    image = TdvfImage.parse(EmbeddedTd.image());
    bytes = new byte[(int) MrtdCalculator.report(image, MeasurementOrder.KVM).bytesHashed()];
    digest = MessageDigest.getInstance("SHA-384");
  }

  @Benchmark
  public byte[] bareSha384() {
    return digest.digest(bytes);
  }

  @Benchmark
  public byte[] mrtd() {
    return MrtdCalculator.mrtd(image, MeasurementOrder.KVM);
  }
}
