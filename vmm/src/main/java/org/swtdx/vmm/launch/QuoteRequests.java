package org.swtdx.vmm.launch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.vmm.LaunchListener;
import org.swtdx.vmm.Quoting;
import org.swtdx.vmm.fwcfg.DmaMemory;

/**
 * TDVMCALL GetQuote: the guest shares a buffer that holds a TDREPORT; the quote is written into it
 * while the guest runs on, and the guest is interrupted if it asked for that (GHCI 1.5, 3.3).
 */
final class QuoteRequests implements AutoCloseable {
  private static final int PAGE = 4096;
  private static final int HEADER_BYTES = 24;
  private static final int VERSION = 1;
  private static final int STATUS_AT = 8;
  private static final long MAX_BYTES = 128 * 1024;
  private static final int MAX_IN_FLIGHT = 16;
  private static final long STATUS_SUCCESS = 0;
  private static final long STATUS_IN_FLIGHT = -1;
  private static final long STATUS_ERROR = 1L << 63;
  private static final long STATUS_UNAVAILABLE = 1L << 63 | 1;

  private final DmaMemory memory;
  private final Quoting quoting;
  private final LaunchListener listener;
  private final Runnable notify;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicLong quotes = new AtomicLong();
  private final ExecutorService worker =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("quote-generation").factory());

  /**
   * Creates the handler.
   *
   * @param notify interrupts the guest, if it wants to be
   */
  QuoteRequests(DmaMemory memory, Quoting quoting, LaunchListener listener, Runnable notify) {
    this.memory = memory;
    this.quoting = quoting;
    this.listener = listener;
    this.notify = notify;
  }

  /** Quotes handed over. */
  long quotes() {
    return quotes.get();
  }

  /**
   * Takes a request.
   *
   * @return the TDVMCALL's status
   */
  long submit(long gpa, long size) {
    if (size == 0) {
      return KvmTdx.STATUS_INVALID_OPERAND;
    }
    if (gpa % PAGE != 0 || size % PAGE != 0) {
      return KvmTdx.STATUS_ALIGN_ERROR;
    }
    byte[] header = new byte[HEADER_BYTES];
    if (Long.compareUnsigned(size, MAX_BYTES) > 0 || !memory.read(gpa, header, 0, HEADER_BYTES)) {
      return KvmTdx.STATUS_INVALID_OPERAND;
    }
    ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    long length = Integer.toUnsignedLong(fields.getInt(16));
    if (fields.getLong(0) != VERSION || length > size - HEADER_BYTES) {
      return KvmTdx.STATUS_INVALID_OPERAND;
    }
    if (inFlight.incrementAndGet() > MAX_IN_FLIGHT) {
      inFlight.decrementAndGet();
      return KvmTdx.STATUS_RETRY;
    }
    byte[] report = new byte[(int) length];
    memory.read(gpa + HEADER_BYTES, report, 0, report.length);
    writeStatus(gpa, STATUS_IN_FLIGHT);
    worker.execute(() -> answer(gpa, size, report));
    return KvmTdx.STATUS_SUCCESS;
  }

  private void answer(long gpa, long size, byte[] report) {
    long status =
        switch (ask(report)) {
          case Quoting.Quote quote -> deliver(gpa, size, quote.bytes());
          case Quoting.Failed failed -> {
            listener.remark("no quote for the guest: " + failed.reason());
            yield STATUS_ERROR;
          }
          case Quoting.Unavailable unavailable -> {
            listener.remark("no quote for the guest: " + unavailable.reason());
            yield STATUS_UNAVAILABLE;
          }
        };
    inFlight.decrementAndGet();
    writeStatus(gpa, status);
    notify.run();
  }

  /** A service that breaks down must not leave the guest waiting. */
  private Quoting.Reply ask(byte[] report) {
    try {
      return quoting.quote(report);
    } catch (RuntimeException e) {
      return new Quoting.Failed("the quoting service broke down, " + e);
    }
  }

  private long deliver(long gpa, long size, byte[] quote) {
    if (quote.length > size - HEADER_BYTES) {
      listener.remark(
          "the guest's buffer of %d bytes is too small for a quote of %d bytes"
              .formatted(size - HEADER_BYTES, quote.length));
      return STATUS_ERROR;
    }
    byte[] length =
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(quote.length).array();
    memory.write(gpa + HEADER_BYTES, quote, 0, quote.length);
    memory.write(gpa + 20, length, 0, length.length);
    quotes.incrementAndGet();
    return STATUS_SUCCESS;
  }

  /** The status is written last: a guest may poll it. */
  private void writeStatus(long gpa, long status) {
    byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(status).array();
    memory.write(gpa + STATUS_AT, bytes, 0, bytes.length);
  }

  @Override
  public void close() {
    worker.shutdownNow();
    try {
      if (!worker.awaitTermination(10, TimeUnit.SECONDS)) {
        listener.remark("the quote generation service still works on a request");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
