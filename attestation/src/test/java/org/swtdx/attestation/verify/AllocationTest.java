package org.swtdx.attestation.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.swtdx.attestation.collateral.CollateralBundle;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.TcbInfo;
import org.swtdx.attestation.eventlog.CcelWriter;
import org.swtdx.attestation.eventlog.EventDecoder;
import org.swtdx.attestation.eventlog.EventDigest;
import org.swtdx.attestation.eventlog.EventLog;
import org.swtdx.attestation.eventlog.EventLogException;
import org.swtdx.attestation.eventlog.EventLogs;
import org.swtdx.attestation.eventlog.EventType;
import org.swtdx.attestation.eventlog.HashAlgorithm;
import org.swtdx.attestation.eventlog.LogEvent;
import org.swtdx.attestation.eventlog.Sha384;
import org.swtdx.attestation.qgs.Octets;
import org.swtdx.attestation.qgs.QgsCodec;
import org.swtdx.attestation.qgs.QgsException;
import org.swtdx.attestation.qgs.QgsMessage;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.QuoteFormatException;
import org.swtdx.attestation.quote.QuoteStream;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.attestation.x509.PemCertificates;
import org.swtdx.attestation.x509.RevocationList;
import org.swtdx.attestation.x509.SgxExtensions;

/**
 * No number in an input makes a parser allocate more than the input's size warrants: each place
 * that could hold a length or a count is made to lie, and the bytes are counted.
 */
final class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** What a parser may allocate for each byte that it is given, and beside. */
  private static final int FACTOR = 100;

  private static final int CONSTANT = 64 << 10;

  private static final byte[][] LIES = {
    {-1, -1, -1, 127}, {127, -1, -1, -1}, {-1, -1, -1, -1}, {0, 0, 0, 16}, {16, 0, 0, 0}
  };

  private interface Parser {
    void parse(byte[] input)
        throws QuoteFormatException,
            CertificateFormatException,
            CollateralException,
            EventLogException,
            QgsException,
            IOException;
  }

  private static long allocatedBy(Parser parser, byte[] input) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      parser.parse(input);
    } catch (QuoteFormatException
        | CertificateFormatException
        | CollateralException
        | EventLogException
        | QgsException
        | IOException _) {
      // refusing is one of the right answers
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private static void assertBounded(Parser parser, byte[] good) throws Exception {
    parser.parse(good);
    long most = 0;
    for (byte[] lie : LIES) {
      for (int size = 2; size <= lie.length; size++) {
        for (int at = 0; at + size <= good.length; at++) {
          byte[] input = good.clone();
          System.arraycopy(lie, 0, input, at, size);
          most = Math.max(most, allocatedBy(parser, input));
        }
      }
    }
    assertThat(most).isLessThan(CONSTANT + (long) FACTOR * good.length);
  }

  @TestFactory
  Stream<DynamicTest> lengthsThatLie() {
    TestPlatform platform = new TestPlatform();
    platform.quoteChain = java.util.Optional.of("-".repeat(64));
    byte[] quote = platform.quote();
    Certificate pck = platform.issue(platform.pck, platform.ca);
    Map<String, DynamicTest> tests = new LinkedHashMap<>();
    add(tests, "quote", Quote::parse, quote);
    add(tests, "quotes in a stream", AllocationTest::split, quote);
    add(tests, "certificate", AllocationTest::certificate, pck.encoded());
    add(
        tests,
        "revocation list",
        RevocationList::parse,
        platform.list(platform.ca, List.of(platform.pck.serialNumber)));
    add(tests, "event log", AllocationTest::decode, log());
    add(
        tests,
        "QGS request",
        QgsCodec::decode,
        QgsCodec.encode(
            new QgsMessage.GetQuoteRequest(Octets.of(new byte[64]), Octets.of(new byte[16]))));
    add(
        tests,
        "QGS response",
        QgsCodec::decode,
        QgsCodec.encode(
            new QgsMessage.GetQuoteResponse(Octets.of(new byte[0]), Octets.of(new byte[64]))));
    return tests.values().stream();
  }

  private static void add(Map<String, DynamicTest> tests, String name, Parser parser, byte[] good) {
    tests.put(name, DynamicTest.dynamicTest(name, () -> assertBounded(parser, good)));
  }

  private static void split(byte[] input) throws IOException {
    QuoteStream stream = new QuoteStream(new ByteArrayInputStream(input), 1 << 30);
    while (stream.next().isPresent()) {
      // all of them
    }
  }

  private static void certificate(byte[] der) throws CertificateFormatException {
    SgxExtensions.of(Certificate.parse(der));
  }

  private static void decode(byte[] input) throws EventLogException {
    for (LogEvent event : EventLogs.read(input).events()) {
      String summary = EventDecoder.decode(event).summary();
      assertThat(summary).isNotNull();
    }
  }

  /** Events whose data have lengths of their own. */
  private static byte[] log() {
    byte[] data = new byte[64];
    data[32] = 4; // the name of a variable, or the length of a device path
    data[40] = 8;
    return CcelWriter.write(
        EventLog.predicted(
            Stream.of(0x80000001, 0x80000003, 0x80000006, 0x8000000b, 0x6)
                .map(
                    code ->
                        new LogEvent(
                            0,
                            1,
                            new EventType(code),
                            List.of(new EventDigest(HashAlgorithm.SHA384, Sha384.hex(data))),
                            data,
                            ""))
                .toList()));
  }

  @TestFactory
  Stream<DynamicTest> documentsThatAreMadeToGrow() {
    Map<String, DynamicTest> tests = new LinkedHashMap<>();
    addText(tests, "nesting", "{\"a\":" + "[".repeat(2000));
    addText(tests, "a huge exponent", "{\"version\":1e999999999}");
    addText(tests, "a long number", "{\"version\":" + "9".repeat(2000) + "}");
    addText(tests, "a long name", "{\"" + "a".repeat(2000) + "\":1}");
    addText(
        tests,
        "many certificates",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n".repeat(200));
    return tests.values().stream();
  }

  private static void addText(Map<String, DynamicTest> tests, String name, String text) {
    Map<String, Parser> parsers = new LinkedHashMap<>();
    parsers.put("bundle", CollateralBundle::parse);
    parsers.put("TCB info", TcbInfo::parse);
    parsers.put("event log", EventLogs::read);
    parsers.put("certificate chain", pem -> PemCertificates.parse(pem, 3));
    byte[] input = text.getBytes(StandardCharsets.UTF_8);
    parsers.forEach(
        (what, parser) ->
            tests.put(
                what + name,
                DynamicTest.dynamicTest(
                    name + " in a " + what,
                    () -> {
                      allocatedBy(parser, input);
                      assertThat(allocatedBy(parser, input))
                          .isLessThan(CONSTANT + (long) FACTOR * input.length);
                    })));
  }
}
