package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.swtdx.kvm.KvmHost;

/** The tests' own KVM clients, and what they must not leave behind. */
final class NativeClient {
  static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

  private static final String PYTHON = "/usr/bin/python3";

  private NativeClient() {}

  /** The command that runs one of client.py's tests. */
  static List<String> command(String test, String... arguments) {
    List<String> command = script("client.py", test);
    command.addAll(List.of(arguments));
    return command;
  }

  /** The command that runs a script with some arguments. */
  static List<String> script(String name, String... arguments) {
    Packages.require(Path.of(PYTHON), "python3");
    List<String> command = new ArrayList<>(List.of(PYTHON, "-B", resource(name).toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static Path resource(String name) {
    try {
      return Path.of(Objects.requireNonNull(NativeClient.class.getResource(name)).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static void requireLinux() {
    assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
    assumeThat(System.getProperty("os.arch")).isEqualTo("amd64");
  }

  static void assertNothingLeft(KvmHost host) throws IOException {
    assertThat(host.outstandingFrames()).isZero();
    assertThat(host.outstandingKeyIds()).isZero();
    assertThat(descriptors()).noneMatch(NativeClient::isOfMemory);
  }

  private static boolean isOfMemory(String target) {
    return target.startsWith("/dev/shm/") || target.startsWith("/memfd:");
  }

  /**
   * What this process's descriptors refer to that are not of files with a name, without numbers.
   */
  static List<String> descriptors() throws IOException {
    try (var all = Files.list(Path.of("/proc/self/fd"))) {
      return all.map(NativeClient::target)
          .filter(target -> !target.startsWith("/") || isOfMemory(target))
          .map(target -> target.replaceAll("[0-9]+", ""))
          .sorted()
          .toList();
    }
  }

  /** Threads that exist for one program only, and do not end within seconds. */
  static List<String> supervisingThreads() throws InterruptedException {
    List<String> names = List.of();
    for (int i = 0; i < 500; i++) {
      names =
          Thread.getAllStackTraces().keySet().stream()
              .map(Thread::getName)
              .filter(name -> name.startsWith("swtdx-") && !name.equals("swtdx-timers"))
              .toList();
      if (names.isEmpty()) {
        return names;
      }
      Thread.sleep(10);
    }
    return names;
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }
}
