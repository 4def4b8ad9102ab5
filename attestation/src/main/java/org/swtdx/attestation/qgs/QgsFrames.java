package org.swtdx.attestation.qgs;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;

/** Messages on a stream: each behind its length, four bytes big-endian. */
final class QgsFrames {
  /** Bytes of the length. */
  static final int PREFIX_SIZE = 4;

  /** Read at once, so that a length alone makes nobody allocate. */
  private static final int CHUNK = 16 * 1024;

  private QgsFrames() {}

  static void write(WritableByteChannel channel, byte[] message) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(PREFIX_SIZE + message.length);
    writeAll(channel, out.putInt(message.length).put(message).flip());
  }

  static void writeAll(WritableByteChannel channel, ByteBuffer out) throws IOException {
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  /**
   * Reads bytes.
   *
   * @throws EOFException when there are fewer
   */
  static byte[] read(ReadableByteChannel channel, int size) throws IOException {
    byte[] bytes = new byte[Math.min(size, CHUNK)];
    int have = 0;
    while (have < size) {
      if (have == bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.min(size, 2 * have));
      }
      int count = channel.read(ByteBuffer.wrap(bytes, have, bytes.length - have));
      if (count < 0) {
        throw new EOFException("the stream ended after " + have + " of " + size + " bytes");
      }
      have += count;
    }
    return bytes;
  }
}
