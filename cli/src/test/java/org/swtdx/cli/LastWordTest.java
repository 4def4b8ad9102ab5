package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What commands say at their end, they say when SIGTERM ends them too. */
@Timeout(60)
final class LastWordTest {
  private static final int TERMINATED = 128 + 15;

  @TempDir private Path folder;

  @Test
  void execEndsItsProgramAndReports() throws Exception {
    Process exec = start("exec", "--report", "--", "/bin/sleep", "1000");
    while (exec.children().findAny().isEmpty()) {
      Thread.sleep(1);
    }
    ProcessHandle program = exec.children().findAny().orElseThrow();

    exec.toHandle().destroy(); // the streams stay open

    assertThat(said(exec)).contains("swtdx: 0 frames, 0 KeyIDs not given back");
    assertThat(exec.waitFor()).isEqualTo(TERMINATED);
    assertThat(program.onExit()).succeedsWithin(Duration.ofSeconds(20)); // init reaps it
  }

  @Test
  void serveReports() throws Exception {
    Process serve = start("serve", "--socket", folder.resolve("socket").toString());
    StringBuilder line = new StringBuilder();
    for (int c = serve.getInputStream().read(); c != '\n'; c = serve.getInputStream().read()) {
      line.append((char) c);
    }
    assertThat(line).contains("/dev/kvm is lent at");

    serve.toHandle().destroy();

    assertThat(said(serve)).contains("swtdx serve: the end: 0 frames, 0 KeyIDs not given back");
    assertThat(serve.waitFor()).isEqualTo(TERMINATED);
  }

  private static Process start(String... arguments) throws Exception {
    assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
    assumeThat(System.getProperty("os.arch")).isEqualTo("amd64");
    String java = ProcessHandle.current().info().command().orElseThrow();
    List<String> command = new ArrayList<>(List.of(java, "-XX:TieredStopAtLevel=1"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Swtdx.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String said(Process process) throws Exception {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
