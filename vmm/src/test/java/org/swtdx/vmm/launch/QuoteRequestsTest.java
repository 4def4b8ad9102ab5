package org.swtdx.vmm.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.vmm.ByteMemory;
import org.swtdx.vmm.LaunchListener;
import org.swtdx.vmm.Quoting;

class QuoteRequestsTest {
  private static final int BUFFER = 0x1000;

  private final ByteMemory memory = new ByteMemory(0x4000);
  private final ByteBuffer fields = ByteBuffer.wrap(memory.bytes).order(ByteOrder.LITTLE_ENDIAN);
  private final CountDownLatch notified = new CountDownLatch(1);

  private QuoteRequests requests(Quoting quoting) {
    return new QuoteRequests(memory, quoting, LaunchListener.NONE, notified::countDown);
  }

  private void fill(long version, int length) {
    fields.putLong(BUFFER, version).putLong(BUFFER + 8, 0).putInt(BUFFER + 16, length);
    Arrays.fill(memory.bytes, BUFFER + 24, BUFFER + 24 + 1024, (byte) 7);
  }

  private long statusAfter(QuoteRequests requests) throws InterruptedException {
    assertThat(requests.submit(BUFFER, 0x2000)).isEqualTo(KvmTdx.STATUS_SUCCESS);
    assertThat(notified.await(10, TimeUnit.SECONDS)).isTrue();
    return fields.getLong(BUFFER + 8);
  }

  @Test
  void quoteIsWrittenBehindTheHeader() throws Exception {
    fill(1, 1024);
    try (QuoteRequests requests =
        requests(report -> new Quoting.Quote(Arrays.copyOf(report, 1500)))) {
      assertThat(statusAfter(requests)).isZero();

      assertThat(fields.getInt(BUFFER + 20)).isEqualTo(1500);
      assertThat(memory.bytes[BUFFER + 24 + 1023]).isEqualTo((byte) 7);
      assertThat(memory.bytes[BUFFER + 24 + 1024]).isZero();
      assertThat(requests.quotes()).isEqualTo(1);
    }
  }

  @Test
  void missingServiceIsReported() throws Exception {
    fill(1, 1024);
    try (QuoteRequests requests = requests(Quoting.UNAVAILABLE)) {
      assertThat(statusAfter(requests)).isEqualTo(1L << 63 | 1);
    }
  }

  @Test
  void refusalIsAnError() throws Exception {
    fill(1, 1024);
    try (QuoteRequests requests = requests(_ -> new Quoting.Failed("bad MAC"))) {
      assertThat(statusAfter(requests)).isEqualTo(1L << 63);
    }
  }

  @Test
  void oneSlowRequestHoldsUpNoOther() throws Exception {
    fill(1, 1024);
    CountDownLatch bothAsked = new CountDownLatch(2);
    try (QuoteRequests requests =
        requests(
            report -> {
              bothAsked.countDown();
              try {
                return bothAsked.await(10, TimeUnit.SECONDS)
                    ? new Quoting.Quote(report)
                    : new Quoting.Failed("the other was not asked");
              } catch (InterruptedException e) {
                return new Quoting.Failed("interrupted");
              }
            })) {
      assertThat(requests.submit(BUFFER, 0x1000)).isEqualTo(KvmTdx.STATUS_SUCCESS);
      assertThat(fields.getLong(BUFFER + 8)).isEqualTo(-1);
      System.arraycopy(memory.bytes, BUFFER, memory.bytes, 0x2000, 0x1000);
      assertThat(requests.submit(0x2000, 0x1000)).isEqualTo(KvmTdx.STATUS_SUCCESS);
      assertThat(notified.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(new long[] {fields.getLong(BUFFER + 8), fields.getLong(0x2008)})
          .doesNotContain(1L << 63);
    }
  }

  @Test
  void seventeenthRequestInFlightIsToBeRetried() throws Exception {
    fill(1, 1024);
    CountDownLatch hold = new CountDownLatch(1);
    try (QuoteRequests requests =
        requests(
            report -> {
              try {
                hold.await();
              } catch (InterruptedException e) {
                return new Quoting.Failed("interrupted");
              }
              return new Quoting.Quote(report);
            })) {
      for (int i = 0; i < 16; i++) {
        assertThat(requests.submit(BUFFER, 0x1000)).isEqualTo(KvmTdx.STATUS_SUCCESS);
      }
      assertThat(requests.submit(BUFFER, 0x1000)).isEqualTo(KvmTdx.STATUS_RETRY);
      hold.countDown();
    }
  }

  @Test
  void quoteTooLongForTheBufferIsAnError() throws Exception {
    fill(1, 1024);
    try (QuoteRequests requests = requests(_ -> new Quoting.Quote(new byte[0x2000]))) {
      assertThat(statusAfter(requests)).isEqualTo(1L << 63);
    }
  }

  @ParameterizedTest(name = "{0}+{1} version {2} length {3}: {4}")
  @CsvSource({
    "0x1000, 0, 1, 1024, 0x8000000000000000",
    "0x1001, 0x1000, 1, 1024, 0x8000000000000002",
    "0x1000, 0x1001, 1, 1024, 0x8000000000000002",
    "0x1000, 0x1000, 2, 1024, 0x8000000000000000",
    "0x1000, 0x1000, 1, 4073, 0x8000000000000000",
    "0x1000, 0x21000, 1, 1024, 0x8000000000000000",
    "0x8000, 0x1000, 1, 1024, 0x8000000000000000"
  })
  void malformedRequestIsRefused(String gpa, String size, int version, int length, String status) {
    fill(version, length);
    try (QuoteRequests requests = requests(Quoting.UNAVAILABLE)) {
      assertThat(requests.submit(Long.decode(gpa), Long.decode(size)))
          .isEqualTo(Long.parseUnsignedLong(status.substring(2), 16));
    }
  }
}
