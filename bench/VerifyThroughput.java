import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralBundle;
import org.swtdx.attestation.crypto.EcdsaP256;
import org.swtdx.attestation.crypto.EcdsaProviders;
import org.swtdx.attestation.policy.Policy;
import org.swtdx.attestation.verify.QuoteVerifier;
import org.swtdx.attestation.verify.Verdict;

/**
 * Full verifications of one quote per second of processor time, garbage collection and compilation
 * included: {@code VerifyThroughput QUOTE BUNDLE UNIXTIME SECONDS WARM_UP}.
 *
 * <p>Three figures for each implementation of ECDSA. "fresh" reads the bundle and makes a verifier
 * for each quote, so that nothing is remembered; "chain" is what a quote of a new platform costs
 * beside collateral, all four signatures from quote to root; "kept" is one verifier for all, as a
 * service has it. Last, for the fastest one, "kept" by the clock on one thread and on two.
 */
public final class VerifyThroughput {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private static final int BATCH = 20;

  /** Seconds that the compilers are busy with another use of the same. */
  private static final double SHORT_WARM_UP = 3;

  private interface Body {
    Verdict run() throws Exception;
  }

  public static void main(String[] args) throws Exception {
    byte[] quote = Files.readAllBytes(Path.of(args[0]));
    byte[] bundle = Files.readAllBytes(Path.of(args[1]));
    Instant at = Instant.ofEpochSecond(Long.parseLong(args[2]));
    double seconds = Double.parseDouble(args[3]);
    double warmUp = Double.parseDouble(args[4]);
    measure("corretto", EcdsaProviders.corretto(), quote, bundle, at, seconds, warmUp);
    measure("conscrypt", EcdsaProviders.conscrypt(), quote, bundle, at, seconds, warmUp);
    measure("java", Optional.of(EcdsaProviders.javaOnly()), quote, bundle, at, seconds, warmUp);
    EcdsaP256 sun = EcdsaProviders.of(Security.getProvider("SunEC"));
    measure("SunEC", Optional.of(sun), quote, bundle, at, seconds, warmUp);
    QuoteVerifier kept = verifier(CollateralBundle.parse(bundle), EcdsaProviders.fastest());
    byTheClock(1, seconds, () -> kept.verify(quote, at));
    double one = byTheClock(1, seconds, () -> kept.verify(quote, at));
    double two = byTheClock(2, seconds, () -> kept.verify(quote, at));
    System.out.printf("threads %.0f %.0f%n", one, two);
  }

  private static void measure(
      String name,
      Optional<EcdsaP256> found,
      byte[] quote,
      byte[] bundle,
      Instant at,
      double time,
      double warmUp)
      throws Exception {
    if (found.isEmpty()) {
      return;
    }
    EcdsaP256 ecdsa = found.get();
    double fresh =
        perSecond(
            warmUp, time, () -> verifier(CollateralBundle.parse(bundle), ecdsa).verify(quote, at));
    QuoteVerifier kept = verifier(CollateralBundle.parse(bundle), ecdsa);
    Policy signatures = Policy.builder().signaturesOnly(true).build();
    double chain =
        perSecond(
            SHORT_WARM_UP,
            time,
            () ->
                QuoteVerifier.builder()
                    .policy(signatures)
                    .signatures(ecdsa)
                    .build()
                    .verify(quote, at));
    double known = perSecond(SHORT_WARM_UP, time, () -> kept.verify(quote, at));
    System.out.printf("%s %.0f %.0f %.0f%n", name, fresh, chain, known);
  }

  /** Verifications by the clock on so many threads, a verifier for all. */
  private static double byTheClock(int threads, double seconds, Body body) throws Exception {
    AtomicLong count = new AtomicLong();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (int i = 0; i < threads; i++) {
        pool.submit(
            () -> {
              while (System.nanoTime() < end) {
                for (int k = 0; k < BATCH; k++) {
                  body.run();
                }
                count.addAndGet(BATCH);
              }
              return null;
            });
      }
    }
    return count.get() / seconds;
  }

  private static QuoteVerifier verifier(Collateral collateral, EcdsaP256 ecdsa) {
    return QuoteVerifier.builder().collateral(collateral).signatures(ecdsa).build();
  }

  /** The best of three rounds, after one that warms up. */
  private static double perSecond(double warmUp, double seconds, Body body) throws Exception {
    double best = 0;
    for (int round = 0; round < 4; round++) {
      long began = SYSTEM.getProcessCpuTime();
      int count = 0;
      double length = round == 0 ? warmUp : seconds;
      while (SYSTEM.getProcessCpuTime() - began < length * 1e9) {
        for (int i = 0; i < BATCH; i++, count++) {
          if (!(body.run() instanceof Verdict.Accepted)) {
            throw new IllegalStateException("the quote is not accepted");
          }
        }
      }
      double rate = count / ((SYSTEM.getProcessCpuTime() - began) / 1e9);
      best = round == 0 ? 0 : Math.max(best, rate);
    }
    return best;
  }
}
