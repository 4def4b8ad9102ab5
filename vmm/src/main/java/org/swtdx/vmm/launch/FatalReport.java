package org.swtdx.vmm.launch;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.OptionalLong;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.vmm.Outcome;

/** Decodes TDVMCALL ReportFatalError from the registers of the exit (GHCI 1.5, 3.4). */
final class FatalReport {
  private static final int RCX = 1;
  private static final int R12 = 12;
  private static final int R13 = 13;
  private static final long GPA_VALID = 1L << 63;

  /** Registers of the text, in its order: R14, R15, RBX, RDI, RSI, R8, R9, RDX. */
  private static final int[] TEXT = {14, 15, 3, 7, 6, 8, 9, 2};

  private FatalReport() {}

  static Outcome decode(KvmRun run) {
    long code = run.systemEventData(R12);
    long passed = run.systemEventData(RCX);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (int register : TEXT) {
      if ((passed >>> register & 1) != 0) {
        long value = run.systemEventData(register);
        for (int i = 0; i < 8; i++) {
          text.write((int) (value >>> 8 * i) & 0xff);
        }
      }
    }
    OptionalLong gpa =
        (code & GPA_VALID) != 0 ? OptionalLong.of(run.systemEventData(R13)) : OptionalLong.empty();
    return new Outcome.FatalError(code & ~GPA_VALID, printable(text.toByteArray()), gpa);
  }

  /** The text up to its terminator, with whatever isn't printable ASCII as dots. */
  private static String printable(byte[] bytes) {
    int length = 0;
    while (length < bytes.length && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, US_ASCII).strip().replaceAll("[^\\x20-\\x7e]", ".");
  }
}
