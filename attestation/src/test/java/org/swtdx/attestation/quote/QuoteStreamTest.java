package org.swtdx.attestation.quote;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuoteStreamTest {
  private static final int LARGEST = 20_000;

  /** A quote as far as sizes go. */
  private static byte[] quote(int version, int tee, int signature) {
    int body = tee == 0 ? 384 : 584;
    int from = version == 5 ? 54 : 48;
    byte[] quote = new byte[from + body + 4 + signature];
    Arrays.fill(quote, (byte) 0x77);
    set(quote, 0, version, 2);
    set(quote, 2, 2, 2);
    set(quote, 4, tee, 4);
    if (version == 5) {
      set(quote, 48, tee == 0 ? 1 : 2, 2);
      set(quote, 50, body, 4);
    }
    set(quote, from + body, signature, 4);
    return quote;
  }

  private static void set(byte[] bytes, int offset, int value, int length) {
    for (int i = 0; i < length; i++) {
      bytes[offset + i] = (byte) (value >>> 8 * i);
    }
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** Gives a few bytes at a time, as pipes do. */
  private static InputStream dripping(byte[] bytes) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] target, int offset, int length) {
        return super.read(target, offset, Math.min(7, length));
      }
    };
  }

  private static List<byte[]> split(byte[]... parts) throws IOException {
    QuoteStream stream = new QuoteStream(dripping(join(parts)), LARGEST);
    List<byte[]> quotes = new ArrayList<>();
    for (var next = stream.next(); next.isPresent(); next = stream.next()) {
      quotes.add(next.get());
    }
    return quotes;
  }

  @Test
  void quotesOfEveryVersionAreSplitWithAndWithoutPadding() throws Exception {
    byte[] three = quote(3, 0, 700);
    byte[] four = quote(4, 0x81, 4300);
    byte[] enclave = quote(4, 0, 1);
    byte[] five = quote(5, 0x81, 9000);

    assertThat(split(three, four, new byte[70], enclave, five, new byte[3000], three))
        .containsExactly(three, four, enclave, five, three);
  }

  @Test
  void nothingAndZerosAreNoQuotes() throws Exception {
    assertThat(split(new byte[0])).isEmpty();
    assertThat(split(new byte[100])).isEmpty();
  }

  @Test
  void aShortRestOfTheLastBufferIsIgnored() throws Exception {
    byte[] quote = quote(4, 0x81, 4300);
    byte[] rest = new byte[39];
    Arrays.fill(rest, (byte) 0x5a);

    assertThat(split(quote, rest)).containsExactly(quote);
    assertThat(split(rest)).containsExactly(rest);
  }

  @Test
  void aTruncatedQuoteIsHandedOut() throws Exception {
    byte[] quote = quote(4, 0x81, 4300);

    for (int size : new int[] {4, 47, 48, 100, 636, quote.length - 1}) {
      byte[] cut = Arrays.copyOf(quote, size);
      assertThat(split(quote, cut)).containsExactly(quote, cut);
    }
  }

  @Test
  void whatCannotBeSplitIsTheLast() throws Exception {
    byte[] quote = quote(4, 0x81, 4300);
    byte[] unknown = quote.clone();
    set(unknown, 0, 9, 2);

    assertThat(split(quote, unknown, quote)).containsExactly(quote, join(unknown, quote));
  }

  @Test
  void sizesBeyondTheLimitTakeNoMoreThanIt() throws Exception {
    byte[] body = quote(5, 0x81, 100);
    set(body, 50, -1, 4);
    byte[] signature = quote(4, 0x81, 100);
    set(signature, 48 + 584, -1, 4);
    byte[] more = new byte[2 * LARGEST];

    assertThat(split(body, more)).singleElement().satisfies(b -> assertThat(b).hasSize(LARGEST));
    assertThat(split(signature, more))
        .singleElement()
        .satisfies(b -> assertThat(b).hasSize(LARGEST));
  }
}
