package org.swtdx.attestation.verify;

import static org.assertj.core.api.Assertions.assertThat;

import example.AttestationService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.swtdx.attestation.collateral.CollateralBundle;

/** The example of the documentation works, from many threads, with nothing but this module. */
final class LibraryExampleTest {
  private static final Path SOURCE = Path.of("src/test/java/example/AttestationService.java");

  @TempDir private Path folder;

  @Test
  void exampleDecides() throws Exception {
    TestPlatform platform = new TestPlatform();
    Files.write(folder.resolve("any.name"), CollateralBundle.toJson(platform.collateral()));
    byte[] mrTd = Arrays.copyOfRange(platform.body, 136, 184);
    byte[] nonce = Arrays.copyOfRange(platform.body, 520, 552);
    byte[] quote = platform.quote();
    byte[] bad = QuoteVerifierTest.flipped(quote, 2000);
    AttestationService service =
        new AttestationService(folder, platform.rootCertificate(), mrTd, () -> TestPlatform.NOW);

    List<Callable<String>> questions =
        IntStream.range(0, 64)
            .<Callable<String>>mapToObj(
                i -> () -> service.objection(i % 2 == 0 ? quote : bad, nonce))
            .toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers = threads.invokeAll(questions);
      for (int i = 0; i < answers.size(); i++) {
        String answer = answers.get(i).get();
        if (i % 2 == 0) {
          assertThat(answer).isEmpty();
        } else {
          assertThat(answer).startsWith("QUOTE_SIGNATURE: ");
        }
      }
    }
    assertThat(service.objection(quote, new byte[32])).isEqualTo("another nonce");
  }

  @Test
  void documentationShowsTheExampleAsItIs() throws Exception {
    String document = Files.readString(Path.of("../docs/verification.rst"));

    Files.readAllLines(SOURCE).stream()
        .dropWhile(line -> !line.startsWith("public final class"))
        .filter(line -> !line.isBlank())
        .forEach(line -> assertThat(document).contains("   " + line));
  }
}
