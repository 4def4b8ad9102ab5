package org.swtdx.attestation.quote;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * Splits raw quotes that follow each other. Where a quote ends is told by its own sizes; zeros
 * behind it are the rest of a buffer. What cannot be split is handed out as it is, for whoever
 * parses it to refuse. Not thread-safe.
 */
public final class QuoteStream {
  private static final int SIZE_BYTES = 4;
  private static final int BODY_DESCRIPTOR = 6;
  private static final int OLDEST_VERSION = 3;
  private static final int NEWEST_VERSION = 5;

  /** Fewer bytes than this are no quote. */
  private static final int SMALLEST = Quote.HEADER_SIZE + EnclaveReportBody.SIZE + SIZE_BYTES;

  private final InputStream in;
  private final int largest;
  private byte[] bytes = new byte[8192];
  private int size;
  private boolean any;
  private boolean ended;

  /**
   * Creates a splitter.
   *
   * @param in where quotes come from; it should be buffered
   * @param largest the most bytes that are taken for one quote
   */
  public QuoteStream(InputStream in, int largest) {
    this.in = in;
    this.largest = largest;
  }

  /**
   * Returns the next quote, or what stands in its place when it cannot be told how long it is; then
   * nothing more comes. Empty at the end. Of a truncated quote the bytes that there are.
   */
  public Optional<byte[]> next() throws IOException {
    if (ended || !start()) {
      return Optional.empty();
    }
    boolean framed = fill(Quote.HEADER_SIZE) && isHeader() && fillBody();
    boolean whole = framed && fill(size + number(size - SIZE_BYTES));
    if (!whole) {
      fill(largest);
      ended = true;
      if (any && size < SMALLEST && !isHeader()) {
        return Optional.empty(); // the rest of the last quote's buffer
      }
    }
    any = true;
    return Optional.of(Arrays.copyOf(bytes, size));
  }

  /** Passes over zeros; false at the end of the input. */
  private boolean start() throws IOException {
    int first = in.read();
    while (first == 0) {
      first = in.read();
    }
    size = 0;
    if (first >= 0) {
      bytes[size++] = (byte) first;
    }
    return first >= 0;
  }

  private boolean isHeader() {
    return size >= 4
        && number(0, 2) >= OLDEST_VERSION
        && number(0, 2) <= NEWEST_VERSION
        && number(2, 2) == Quote.ECDSA_P256;
  }

  /** Takes the body and the four bytes behind it. */
  private boolean fillBody() throws IOException {
    if (number(0, 2) == NEWEST_VERSION) {
      return fill(size + BODY_DESCRIPTOR) && fill(size + number(size - SIZE_BYTES) + SIZE_BYTES);
    }
    int body = number(4) == Quote.TEE_SGX ? EnclaveReportBody.SIZE : QuoteBody.Layout.TD_1_0.size();
    return fill(size + body + SIZE_BYTES);
  }

  /** Reads until there are {@code wanted} bytes; false when there are not, or may not be. */
  private boolean fill(long wanted) throws IOException {
    if (wanted > largest) {
      return false;
    }
    while (size < wanted) {
      if (size == bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(largest, 2L * size));
      }
      int count = in.read(bytes, size, (int) Math.min(wanted, bytes.length) - size);
      if (count < 0) {
        return false;
      }
      size += count;
    }
    return true;
  }

  private long number(int offset) {
    return number(offset, SIZE_BYTES);
  }

  private long number(int offset, int length) {
    long value = 0;
    for (int i = 0; i < length; i++) {
      value |= Byte.toUnsignedLong(bytes[offset + i]) << Byte.SIZE * i;
    }
    return value;
  }
}
