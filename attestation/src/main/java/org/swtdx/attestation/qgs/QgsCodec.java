package org.swtdx.attestation.qgs;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.qgs.QgsMessage.Failure;
import org.swtdx.attestation.qgs.QgsMessage.GetCollateralRequest;
import org.swtdx.attestation.qgs.QgsMessage.GetCollateralResponse;
import org.swtdx.attestation.qgs.QgsMessage.GetPlatformInfoRequest;
import org.swtdx.attestation.qgs.QgsMessage.GetPlatformInfoResponse;
import org.swtdx.attestation.qgs.QgsMessage.GetQuoteRequest;
import org.swtdx.attestation.qgs.QgsMessage.GetQuoteResponse;

/**
 * Messages as bytes: packed little-endian structures behind a header of 16 bytes, of u16 major, u16
 * minor, u32 type, u32 size of the whole message and u32 error code (Intel's qgs_msg_lib.h).
 */
public final class QgsCodec {
  /** Bytes of the header. */
  public static final int HEADER_SIZE = 16;

  private static final short MAJOR = 1;
  private static final short MINOR = 1;

  private QgsCodec() {}

  /** Returns a message's bytes. */
  public static byte[] encode(QgsMessage message) {
    return switch (message) {
      case GetQuoteRequest m -> pair(m.type(), m.report(), m.idList());
      case GetCollateralRequest m -> pair(m.type(), m.fmspc(), m.pckCa());
      case GetQuoteResponse m ->
          start(m.type(), m.selectedId().size() + m.quote().size(), 0)
              .putInt(m.selectedId().size())
              .putInt(m.quote().size())
              .put(m.selectedId().bytes())
              .put(m.quote().bytes())
              .array();
      case GetCollateralResponse m -> collateral(m);
      case GetPlatformInfoRequest m -> start(m.type(), 0, 0).array();
      case GetPlatformInfoResponse m ->
          start(m.type(), m.platformId().size() + m.cpuSvn().size(), 0)
              .putShort((short) m.tdqeIsvSvn())
              .putShort((short) m.pceIsvSvn())
              .putInt(m.platformId().size())
              .putInt(m.cpuSvn().size())
              .put(m.platformId().bytes())
              .put(m.cpuSvn().bytes())
              .array();
      case Failure m -> start(m.type(), 0, m.code()).array();
    };
  }

  private static byte[] pair(QgsType type, Octets first, Octets second) {
    return start(type, first.size() + second.size(), 0)
        .putInt(first.size())
        .putInt(second.size())
        .put(first.bytes())
        .put(second.bytes())
        .array();
  }

  private static byte[] collateral(GetCollateralResponse message) {
    int size = message.parts().stream().mapToInt(Octets::size).sum();
    ByteBuffer out = start(message.type(), size, 0);
    out.putShort((short) message.majorVersion()).putShort((short) message.minorVersion());
    message.parts().forEach(part -> out.putInt(part.size()));
    message.parts().forEach(part -> out.put(part.bytes()));
    byte[] bytes = new byte[out.flip().limit()];
    out.get(bytes);
    return bytes;
  }

  private static ByteBuffer start(QgsType type, int variable, int error) {
    int size = type.fixedSize() + variable;
    return ByteBuffer.allocate(size)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort(MAJOR)
        .putShort(MINOR)
        .putInt(type.number())
        .putInt(size)
        .putInt(error);
  }

  /**
   * Returns the type that the header of a message names, or null when there is no header or no such
   * type.
   */
  static @Nullable QgsType typeOf(byte[] message) {
    return message.length < HEADER_SIZE
        ? null
        : QgsType.of(ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).getInt(4));
  }

  /**
   * Reads a message. As in Intel's library the minor version is not looked at.
   *
   * @throws QgsException when it is none, with the error code that a service answers
   */
  public static QgsMessage decode(byte[] message) throws QgsException {
    require(
        message.length >= HEADER_SIZE,
        QgsError.INVALID_SIZE,
        "a message of " + message.length + " bytes has no header");
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    int major = Short.toUnsignedInt(in.getShort());
    in.getShort();
    require(
        major == MAJOR, QgsError.INVALID_VERSION, "protocol version " + major + " is not known");
    int number = in.getInt();
    QgsType type = QgsType.of(number);
    if (type == null) {
      throw new QgsException(
          QgsError.INVALID_TYPE,
          "message type " + Integer.toUnsignedString(number) + " is not known");
    }
    long size = Integer.toUnsignedLong(in.getInt());
    require(
        size == message.length && size >= type.fixedSize(),
        QgsError.INVALID_SIZE,
        "a %s of %d bytes says that it has %d".formatted(type, message.length, size));
    int error = in.getInt();
    if (error != 0) {
      require(
          !type.isRequest(), QgsError.INVALID_CODE, "a request that carries the error " + error);
      return failure(type, error, in);
    }
    return body(type, in);
  }

  /** What failed brings nothing: all its sizes are zero, and nothing follows them. */
  private static Failure failure(QgsType type, int code, ByteBuffer in) throws QgsException {
    require(
        in.limit() == type.fixedSize(),
        QgsError.INVALID_SIZE,
        "a %s with error has %d bytes instead of %d".formatted(type, in.limit(), type.fixedSize()));
    while (in.hasRemaining()) {
      require(in.get() == 0, QgsError.INVALID_SIZE, "a %s with error and content".formatted(type));
    }
    return new Failure(type, code);
  }

  private static QgsMessage body(QgsType type, ByteBuffer in) throws QgsException {
    return switch (type) {
      case GET_QUOTE_REQUEST -> {
        List<Octets> parts = parts(type, in, 2);
        required(type, parts.getFirst());
        yield new GetQuoteRequest(parts.getFirst(), parts.getLast());
      }
      case GET_QUOTE_RESPONSE -> {
        List<Octets> parts = parts(type, in, 2);
        required(type, parts.getLast());
        yield new GetQuoteResponse(parts.getFirst(), parts.getLast());
      }
      case GET_COLLATERAL_REQUEST -> {
        List<Octets> parts = parts(type, in, 2);
        required(type, parts.getFirst());
        required(type, parts.getLast());
        yield new GetCollateralRequest(parts.getFirst(), parts.getLast());
      }
      case GET_COLLATERAL_RESPONSE -> {
        int major = Short.toUnsignedInt(in.getShort());
        int minor = Short.toUnsignedInt(in.getShort());
        List<Octets> parts = parts(type, in, GetCollateralResponse.PARTS);
        for (Octets part : parts) {
          required(type, part);
        }
        yield new GetCollateralResponse(major, minor, parts);
      }
      case GET_PLATFORM_INFO_REQUEST -> {
        parts(type, in, 0);
        yield new GetPlatformInfoRequest();
      }
      case GET_PLATFORM_INFO_RESPONSE -> {
        int tdqe = Short.toUnsignedInt(in.getShort());
        int pce = Short.toUnsignedInt(in.getShort());
        List<Octets> parts = parts(type, in, 2);
        yield new GetPlatformInfoResponse(tdqe, pce, parts.getFirst(), parts.getLast());
      }
    };
  }

  /** Reads sizes, then as many parts, which have to fill the message. */
  private static List<Octets> parts(QgsType type, ByteBuffer in, int count) throws QgsException {
    long[] sizes = new long[count];
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sizes[i] = Integer.toUnsignedLong(in.getInt());
      sum += sizes[i];
    }
    require(
        sum == in.remaining(),
        QgsError.INVALID_SIZE,
        "a %s names parts of %d bytes and has %d".formatted(type, sum, in.remaining()));
    List<Octets> parts = new ArrayList<>();
    for (long size : sizes) {
      byte[] part = new byte[(int) size];
      in.get(part);
      parts.add(Octets.of(part));
    }
    return parts;
  }

  private static void required(QgsType type, Octets part) throws QgsException {
    require(part.size() > 0, QgsError.INVALID_SIZE, "a " + type + " without one of its parts");
  }

  private static void require(boolean condition, QgsError error, String otherwise)
      throws QgsException {
    if (!condition) {
      throw new QgsException(error, otherwise);
    }
  }
}
