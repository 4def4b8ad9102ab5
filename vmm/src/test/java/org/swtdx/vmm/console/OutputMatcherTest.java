package org.swtdx.vmm.console;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class OutputMatcherTest {
  private static OutputMatcher matcher(String pattern) {
    return new OutputMatcher(Pattern.compile(pattern));
  }

  private static Optional<String> feed(OutputMatcher matcher, String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    return matcher.feed(bytes, 0, bytes.length);
  }

  @Test
  void matchMaySpanPieces() {
    OutputMatcher matcher = matcher("Shell> ");

    assertThat(feed(matcher, "boot\r\nShe")).isEmpty();
    assertThat(feed(matcher, "ll>")).isEmpty();
    assertThat(feed(matcher, " ")).contains("Shell> ");
  }

  @Test
  void terminalSequencesAreTakenOut() {
    assertThat(feed(matcher("Shell>"), "\u001b[1m\u001b[33mSh\u001b[0mell>")).contains("Shell>");
  }

  @Test
  void matchIsFoundFarIntoTheOutput() {
    OutputMatcher matcher = matcher("needle");
    for (int i = 0; i < 2000; i++) {
      assertThat(feed(matcher, "a line of hay that is not so short\n")).isEmpty();
    }
    assertThat(feed(matcher, "xx needle")).contains("needle");
  }

  @Test
  void matchMaySpanLines() {
    assertThat(feed(matcher("(?s)begin.*end\n"), "begin\none\ntwo\nend\n")).isPresent();
  }

  @Test
  void lineAnchorsHoldInsideTheOutput() {
    OutputMatcher matcher = matcher("(?m)^login: $");
    assertThat(feed(matcher, "last login: never\n")).isEmpty();
    assertThat(feed(matcher, "login: ")).contains("login: ");
  }
}
