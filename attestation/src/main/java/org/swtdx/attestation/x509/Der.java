package org.swtdx.attestation.x509;

import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;

/**
 * Reads DER, value by value, without copying: tags of one byte, definite lengths in their shortest
 * form, primitive values in the one encoding that X.690 leaves them. Not thread-safe.
 */
final class Der {
  static final int BOOLEAN = 0x01;
  static final int INTEGER = 0x02;
  static final int BIT_STRING = 0x03;
  static final int OCTET_STRING = 0x04;
  static final int OBJECT_IDENTIFIER = 0x06;
  static final int ENUMERATED = 0x0a;
  static final int UTF8_STRING = 0x0c;
  static final int PRINTABLE_STRING = 0x13;
  static final int IA5_STRING = 0x16;
  static final int UTC_TIME = 0x17;
  static final int GENERALIZED_TIME = 0x18;
  static final int SEQUENCE = 0x30;
  static final int SET = 0x31;

  private static final int HIGH_TAG = 0x1f;
  private static final int LONG_FORM = 0x80;
  private static final int FIRST_YEAR = 50; // of the twentieth century, in times of two digits

  private final String what;
  private final byte[] bytes;
  private final int end;
  private int position;

  private Der(String what, byte[] bytes, int position, int end) {
    this.what = what;
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  /**
   * Starts reading.
   *
   * @param bytes values, one behind the other; they may not change meanwhile
   * @param what what they are, for messages
   */
  static Der of(byte[] bytes, String what) {
    return new Der(what, bytes, 0, bytes.length);
  }

  CertificateFormatException malformed() {
    return new CertificateFormatException(what + " is not encoded in DER as it has to be");
  }

  String what() {
    return what;
  }

  boolean hasMore() {
    return position < end;
  }

  /** Whether the next value is there and has this tag. */
  boolean isNext(int tag) {
    return position < end && bytes[position] == (byte) tag;
  }

  /** Refuses anything that is left. */
  void requireEnd() throws CertificateFormatException {
    if (position != end) {
      throw malformed();
    }
  }

  /** Steps behind the next value's tag and length, and returns where its contents end. */
  private int open() throws CertificateFormatException {
    if (end - position < 2 || (bytes[position] & HIGH_TAG) == HIGH_TAG) {
      throw malformed();
    }
    int length = Byte.toUnsignedInt(bytes[position + 1]);
    position += 2;
    if (length >= LONG_FORM) {
      length = longLength(length - LONG_FORM);
    }
    if (length > end - position) {
      throw malformed();
    }
    return position + length;
  }

  private int longLength(int count) throws CertificateFormatException {
    if (count == 0 || count > 3 || count > end - position || bytes[position] == 0) {
      throw malformed();
    }
    int length = 0;
    for (int i = 0; i < count; i++) {
      length = length << Byte.SIZE | Byte.toUnsignedInt(bytes[position++]);
    }
    if (length < LONG_FORM) {
      throw malformed();
    }
    return length;
  }

  private void require(int tag) throws CertificateFormatException {
    if (!isNext(tag)) {
      throw malformed();
    }
  }

  /** Reads a constructed value: returns its contents to read, and goes on behind it. */
  Der enter(int tag) throws CertificateFormatException {
    require(tag);
    int stop = open();
    Der inner = new Der(what, bytes, position, stop);
    position = stop;
    return inner;
  }

  /** Returns the contents of the next value. */
  byte[] contents(int tag) throws CertificateFormatException {
    require(tag);
    int stop = open();
    byte[] contents = Arrays.copyOfRange(bytes, position, stop);
    position = stop;
    return contents;
  }

  /** Returns the next value's whole encoding, tag and length included. */
  byte[] encoding(int tag) throws CertificateFormatException {
    require(tag);
    int start = position;
    position = open();
    return Arrays.copyOfRange(bytes, start, position);
  }

  /** Returns the next value of any kind, tag and length included, to read alone. */
  Der value() throws CertificateFormatException {
    int start = position;
    position = open();
    return new Der(what, bytes, start, position);
  }

  /** Refuses anything but these bytes. */
  void expect(byte[] encoding) throws CertificateFormatException {
    if (!startsWith(encoding)) {
      throw malformed();
    }
    position += encoding.length;
  }

  /** Whether these bytes come next. */
  boolean startsWith(byte[] encoding) {
    return end - position >= encoding.length
        && Arrays.equals(bytes, position, position + encoding.length, encoding, 0, encoding.length);
  }

  /** Reads a number of either sign. */
  BigInteger integer() throws CertificateFormatException {
    return number(INTEGER);
  }

  private BigInteger number(int tag) throws CertificateFormatException {
    byte[] contents = contents(tag);
    // The first nine bits of more than one byte are not all the same.
    if (contents.length == 0
        || contents.length > 1
            && (contents[0] == 0 && contents[1] >= 0 || contents[0] == -1 && contents[1] < 0)) {
      throw malformed();
    }
    return new BigInteger(contents);
  }

  /** Reads a number from 0 to {@code most}. */
  int integer(int most) throws CertificateFormatException {
    return bounded(number(INTEGER), most);
  }

  /** Reads one of the values 0 to {@code most}. */
  int enumerated(int most) throws CertificateFormatException {
    return bounded(number(ENUMERATED), most);
  }

  private int bounded(BigInteger number, int most) throws CertificateFormatException {
    if (number.signum() < 0 || number.bitLength() >= Integer.SIZE || number.intValue() > most) {
      throw new CertificateFormatException(
          what + " has the number " + number + ", which is not from 0 to " + most);
    }
    return number.intValue();
  }

  /** Reads true; false is a default in all that is read here, which DER leaves out. */
  void expectTrue() throws CertificateFormatException {
    byte[] contents = contents(BOOLEAN);
    if (contents.length != 1 || contents[0] != -1) {
      throw malformed();
    }
  }

  /** Reads bits: their bytes without the one that counts the unused bits, which are zero. */
  byte[] bits() throws CertificateFormatException {
    byte[] contents = contents(BIT_STRING);
    int unused = contents.length == 0 ? Byte.SIZE : Byte.toUnsignedInt(contents[0]);
    boolean fits = unused == 0 || unused < Byte.SIZE && contents.length > 1;
    if (!fits || unused > 0 && (contents[contents.length - 1] & (1 << unused) - 1) != 0) {
      throw malformed();
    }
    return Arrays.copyOfRange(contents, 1, contents.length);
  }

  /** Reads bits that are whole bytes. */
  byte[] bytesOfBits() throws CertificateFormatException {
    byte[] contents = contents(BIT_STRING);
    if (contents.length == 0 || contents[0] != 0) {
      throw malformed();
    }
    return Arrays.copyOfRange(contents, 1, contents.length);
  }

  /** Reads a time in UTC to the second. */
  Instant time() throws CertificateFormatException {
    boolean longYear = isNext(GENERALIZED_TIME);
    byte[] text = contents(longYear ? GENERALIZED_TIME : UTC_TIME);
    int yearDigits = longYear ? 4 : 2;
    if (text.length != yearDigits + 11 || text[text.length - 1] != 'Z') {
      throw malformed();
    }
    int year = digits(text, 0, yearDigits);
    if (!longYear) {
      year += year < FIRST_YEAR ? 2000 : 1900;
    }
    try {
      return LocalDateTime.of(
              year,
              digits(text, yearDigits, 2),
              digits(text, yearDigits + 2, 2),
              digits(text, yearDigits + 4, 2),
              digits(text, yearDigits + 6, 2),
              digits(text, yearDigits + 8, 2))
          .toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw new CertificateFormatException(what + " has a time that there is not", e);
    }
  }

  private int digits(byte[] text, int from, int count) throws CertificateFormatException {
    int value = 0;
    for (int i = from; i < from + count; i++) {
      if (text[i] < '0' || text[i] > '9') {
        throw malformed();
      }
      value = 10 * value + text[i] - '0';
    }
    return value;
  }
}
