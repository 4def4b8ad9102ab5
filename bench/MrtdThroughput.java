import java.security.MessageDigest;
import java.util.Arrays;
import org.swtdx.attestation.mrtd.MeasurementOrder;
import org.swtdx.attestation.mrtd.MrtdCalculator;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.embedded.EmbeddedTd;

/** MRTD throughput over the bytes that MRTD hashes, against plain SHA-384 over as many bytes. */
public final class MrtdThroughput {
  private static final int ROUNDS = 15;

  public static void main(String[] args) throws Exception {
    byte[] file =
        args.length > 0
            ? java.nio.file.Files.readAllBytes(java.nio.file.Path.of(args[0]))
            : java.nio.file.Files.exists(java.nio.file.Path.of("/usr/share/ovmf/OVMF.fd"))
                ? java.nio.file.Files.readAllBytes(java.nio.file.Path.of("/usr/share/ovmf/OVMF.fd"))
                : EmbeddedTd.image();
    TdvfImage image = TdvfImage.parse(file);
    long hashed = MrtdCalculator.report(image, MeasurementOrder.KVM).bytesHashed();
    byte[] plain = new byte[1 << 20];
    double[] ours = new double[ROUNDS];
    double[] theirs = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      MrtdCalculator.mrtd(image, MeasurementOrder.KVM);
      ours[round] = hashed * 1e3 / (System.nanoTime() - start);
      MessageDigest digest = MessageDigest.getInstance("SHA-384");
      start = System.nanoTime();
      for (long left = hashed; left > 0; left -= plain.length) {
        digest.update(plain, 0, (int) Math.min(left, plain.length));
      }
      digest.digest();
      theirs[round] = hashed * 1e3 / (System.nanoTime() - start);
    }
    Arrays.sort(ours);
    Arrays.sort(theirs);
    double mine = ours[ROUNDS / 2];
    double peer = theirs[ROUNDS / 2];
    System.out.printf("%-34s %12s %12s %8s%n", "measurement", "MRTD", "SHA-384", "ratio");
    System.out.printf("%-34s %12.0f %12.0f %8.2f%n", "throughput, MB/s", mine, peer, mine / peer);
  }
}
