package org.swtdx.vmm.console;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private final ByteArrayOutputStream typed = new ByteArrayOutputStream();
  private final CountDownLatch quit = new CountDownLatch(1);
  private final ConsoleInput input =
      new ConsoleInput() {
        @Override
        public void type(byte[] bytes, int offset, int length) {
          typed.write(bytes, offset, length);
        }

        @Override
        public void quit() {
          quit.countDown();
        }
      };

  private static String filter(EscapeKey key, String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    return new String(bytes, 0, key.filter(bytes, bytes.length), ISO_8859_1);
  }

  @Test
  void escapeKeyTakesOutItsCommands() {
    EscapeKey key = new EscapeKey();

    assertThat(filter(key, "a\u0001\u0001b\u0001qc")).isEqualTo("a\u0001bc");
    assertThat(key.quit()).isFalse();
    assertThat(filter(key, "d\u0001")).isEqualTo("d");
    assertThat(filter(key, "x")).isEmpty();
    assertThat(key.quit()).isTrue();
  }

  @Test
  void interactiveConsoleTypesAndQuits() throws Exception {
    byte[] keys = "ls\r\u0001xlost".getBytes(ISO_8859_1);
    Console console =
        Console.interactive(new ByteArrayInputStream(keys), OutputStream.nullOutputStream());

    console.start(input);

    assertThat(quit.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(typed.toString(ISO_8859_1)).isEqualTo("ls\r");
  }

  @Test
  void streamConsoleWritesThrough() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    Console.of(out).output("xhellox".getBytes(ISO_8859_1), 1, 5);

    assertThat(out.toString(ISO_8859_1)).isEqualTo("hello");
  }

  @Test
  void brokenOutputEndsTheRun() throws Exception {
    Console console =
        Console.of(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("gone");
              }
            });
    console.start(input);

    console.output(new byte[1], 0, 1);

    assertThat(quit.await(10, TimeUnit.SECONDS)).isTrue();
  }
}
