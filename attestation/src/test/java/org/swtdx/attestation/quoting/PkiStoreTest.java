package org.swtdx.attestation.quoting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.attestation.collateral.TcbStatus;

final class PkiStoreTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir private Path home;

  private PkiStore store() {
    return new PkiStore(home.resolve("a/b/pki"));
  }

  @Test
  void firstUseCreatesWhatLaterUsesRead() throws Exception {
    TestPki made = store().open(NOW);
    TestPki read = store().open(NOW.plusSeconds(1000));

    assertThat(read.chain(PkiRole.PCK)).isEqualTo(made.chain(PkiRole.PCK));
    assertThat(read.reportKey()).isEqualTo(made.reportKey());
    assertThat(read.qeId()).isEqualTo(made.qeId());
    assertThat(store().state()).isEqualTo(PkiState.INITIAL);
  }

  @Test
  void nobodyElseMayReadTheFiles() throws Exception {
    store().open(NOW);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(store().directory())))
        .isEqualTo("rwx------");
    try (Stream<Path> files = Files.list(store().directory())) {
      assertThat(files)
          .hasSize(10)
          .allSatisfy(
              file ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                      .isEqualTo("rw-------"));
    }
  }

  @Test
  void firstUsesAtOnceAgree() throws Exception {
    int users = 6;
    CyclicBarrier start = new CyclicBarrier(users);
    Callable<byte[]> user =
        () -> {
          start.await();
          return store().open(NOW).root().getEncoded();
        };
    Set<String> roots = new HashSet<>();

    try (ExecutorService pool = Executors.newFixedThreadPool(users)) {
      for (Future<byte[]> root : pool.invokeAll(List.of(user, user, user, user, user, user))) {
        roots.add(java.util.HexFormat.of().formatHex(root.get()));
      }
    }

    assertThat(roots).hasSize(1);
    try (Stream<Path> left = Files.list(store().directory().getParent())) {
      assertThat(left).containsExactly(store().directory()); // no drafts
    }
  }

  @Test
  void changesAtOnceAreAllKept() throws Exception {
    store().open(NOW);
    List<Callable<PkiState>> changes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      changes.add(() -> store().update(state -> state.revoke(PkiRole.PCK)));
    }

    try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
      for (Future<PkiState> change : pool.invokeAll(changes)) {
        change.get();
      }
    }

    assertThat(store().state().serial()).isEqualTo(9);
  }

  @Test
  void everyPartOfTheStateIsKept() throws Exception {
    store().open(NOW);
    PkiState state =
        PkiState.INITIAL
            .revoke(PkiRole.TCB_SIGNING)
            .lower(TcbPart.QE, new TcbLowering(TcbStatus.OUT_OF_DATE, List.of("A", "B")))
            .lower(TcbPart.PLATFORM, new TcbLowering(TcbStatus.REVOKED, List.of()))
            .dated(Optional.of(NOW), Duration.ofHours(36));

    store().update(_ -> state);

    assertThat(store().state()).isEqualTo(state);
    assertThat(store().update(PkiState::reset).revoked()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "pck.pem, x, holds no PEM CERTIFICATE",
    "pck.key, x, holds no PEM PRIVATE KEY",
    "report-mac.key, 00, has 1 bytes",
    "report-mac.key, zz, cannot be read",
    "state.json, {, is damaged",
    "state.json, '{\"version\":2}', version is not 1",
    "state.json, '{\"version\":1,\"serial\":1,\"revoked\":[\"x\"],\"validity\":\"P1D\"}', unknown",
    "state.json, '{\"version\":1,\"serial\":1,\"validity\":\"soon\"}', is damaged",
    "state.json, '{\"version\":1,\"serial\":1,\"serial\":2}', is damaged",
  })
  void damageIsNamedWithItsFile(String file, String content, String reason) throws Exception {
    store().open(NOW);
    Files.write(store().directory().resolve(file), content.getBytes(StandardCharsets.UTF_8));

    assertThatExceptionOfType(PkiException.class)
        .isThrownBy(
            () -> {
              store().open(NOW);
              store().state();
            })
        .withMessageContaining(file)
        .withMessageContaining(reason)
        .withMessageContaining("start anew");
  }

  @Test
  void missingFileIsDamageAndNotAReasonToMakeAnotherKey() throws Exception {
    store().open(NOW);
    Files.delete(store().directory().resolve("root-ca.key"));

    assertThatExceptionOfType(PkiException.class)
        .isThrownBy(() -> store().open(NOW))
        .withMessageContaining("root-ca.key");
  }

  @ParameterizedTest
  @CsvSource({"pck.key, belong", "platform-ca.pem, belong", "root-ca.pem, belong"})
  void filesOfAnotherPkiDoNotMix(String file, String reason) throws Exception {
    store().open(NOW);
    PkiStore other = new PkiStore(home.resolve("other"));
    other.open(NOW);
    Files.copy(
        other.directory().resolve(file),
        store().directory().resolve(file),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    assertThatExceptionOfType(PkiException.class)
        .isThrownBy(() -> store().open(NOW))
        .withMessageContaining(reason);
  }

  @Test
  void directoryWithOtherThingsIsLeftAlone() throws Exception {
    Path taken = Files.createDirectories(home.resolve("taken"));
    Files.writeString(taken.resolve("thesis.tex"), "x");
    PkiStore store = new PkiStore(taken);

    assertThatExceptionOfType(PkiException.class)
        .isThrownBy(() -> store.open(NOW))
        .withMessageContaining("no TEST PKI");
    store.delete();

    assertThat(taken.resolve("thesis.tex")).exists();
  }

  @Test
  void deletedPkiIsMadeAnew() throws Exception {
    TestPki first = store().open(NOW);
    store().delete();

    assertThat(store().exists()).isFalse();
    assertThat(store().open(NOW).root()).isNotEqualTo(first.root());
  }
}
