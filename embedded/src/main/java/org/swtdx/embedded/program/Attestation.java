package org.swtdx.embedded.program;

import static org.swtdx.embedded.assembler.Register.ECX;
import static org.swtdx.embedded.assembler.Register.R10;
import static org.swtdx.embedded.assembler.Register.R11;
import static org.swtdx.embedded.assembler.Register.R12;
import static org.swtdx.embedded.assembler.Register.R13;
import static org.swtdx.embedded.assembler.Register.R14;
import static org.swtdx.embedded.assembler.Register.R15;
import static org.swtdx.embedded.assembler.Register.R8;
import static org.swtdx.embedded.assembler.Register.RAX;
import static org.swtdx.embedded.assembler.Register.RBX;
import static org.swtdx.embedded.assembler.Register.RCX;
import static org.swtdx.embedded.assembler.Register.RDI;
import static org.swtdx.embedded.assembler.Register.RDX;
import static org.swtdx.embedded.assembler.Register.RSI;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.swtdx.embedded.assembler.Assembler;
import org.swtdx.embedded.assembler.Condition;
import org.swtdx.embedded.assembler.Label;

/**
 * Extends an RTMR, takes a TDREPORT, has it turned into a quote through TDVMCALL&lt;GetQuote&gt;,
 * halting until the VMM announces it, and prints what matters of both.
 */
final class Attestation {
  private static final int TDG_MR_RTMR_EXTEND = 2;
  private static final int TDG_MR_REPORT = 4;

  /** The register that the guest's applications own. */
  private static final int RTMR = 3;

  private static final int REPORT_SIZE = 1024;
  private static final int TD_INFO = 512;
  private static final int MRTD = TD_INFO + 16;
  private static final int RTMR0 = TD_INFO + 208;
  private static final int MEASUREMENT = 48;

  // GetQuote's buffer: version, status, length in, length out, data
  private static final int STATUS = 8;
  private static final int LENGTH_IN = 16;
  private static final int LENGTH_OUT = 20;
  private static final int DATA = 24;
  private static final int IN_FLIGHT = -1;
  private static final int SHOWN = 32;

  private final Assembler asm;
  private final Tdvmcalls calls;
  private final Console console;
  private final EventNotification notification;

  Attestation(Assembler asm, Tdvmcalls calls, Console console) {
    this.asm = asm;
    this.calls = calls;
    this.console = console;
    notification = new EventNotification(asm, calls);
  }

  /** Appends the code. */
  void attest() {
    storeText(AddressMap.RTMR_DATA, MEASUREMENT, "swtdx embedded TD: event for RTMR3");
    asm.mov(RCX, AddressMap.RTMR_DATA).mov(RDX, RTMR).mov(RAX, TDG_MR_RTMR_EXTEND).tdcall();
    asm.test(RAX, RAX);
    calls.failIf(Condition.NOT_EQUAL, "TDG.MR.RTMR.EXTEND failed");

    storeText(AddressMap.REPORT_DATA, 64, "swtdx embedded TD: report data");
    asm.mov(RCX, AddressMap.REPORT).mov(RDX, AddressMap.REPORT_DATA).mov(R8, 0);
    asm.mov(RAX, TDG_MR_REPORT).tdcall().test(RAX, RAX);
    calls.failIf(Condition.NOT_EQUAL, "TDG.MR.REPORT failed");
    console.sayHex("MRTD           ", AddressMap.REPORT + MRTD, MEASUREMENT);
    for (int i = 0; i < 4; i++) {
      String name = "RTMR" + i + "          ";
      console.sayHex(name, AddressMap.REPORT + RTMR0 + i * MEASUREMENT, MEASUREMENT);
    }
    notification.setUp();
    getQuote();
    printQuote();
  }

  /** Fills memory with a text and zeros after it. */
  private void storeText(int address, int size, String text) {
    byte[] bytes = Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), size);
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    asm.mov(RDI, address);
    for (int i = 0; i < size; i += Integer.BYTES) {
      asm.store32(RDI, i, words.getInt(i));
    }
  }

  private void getQuote() {
    sharedBufferToRbx();
    asm.store64(RBX, 0, 1).store64(RBX, STATUS, 0);
    asm.store32(RBX, LENGTH_IN, REPORT_SIZE).store32(RBX, LENGTH_OUT, 0);
    asm.mov(RSI, AddressMap.REPORT).lea(RDI, RBX, DATA).mov(RCX, REPORT_SIZE).repMovsb();
    BootCode.loadVariable(asm, R12, Variable.SHARED_BUFFER);
    BootCode.loadVariable(asm, RAX, Variable.SHARED_BIT);
    asm.or(R12, RAX).mov(R13, AddressMap.SHARED_SIZE).mov(R14, 0).mov(R15, 0);
    asm.mov(R11, Tdvmcalls.GET_QUOTE).call(calls.tryCall);
    asm.test(R10, R10);
    calls.failIf(Condition.NOT_EQUAL, "the VMM does not take the request for a quote");

    notification.await();
    Label poll = new Label("poll");
    asm.bind(poll).pause().load(RAX, RBX, STATUS);
    asm.cmp(RAX, IN_FLIGHT).jump(Condition.EQUAL, poll).test(RAX, RAX);
    calls.failIf(Condition.NOT_EQUAL, "no quote: the quoting service reports an error");
  }

  private void printQuote() {
    console.say("quote          ");
    asm.load(ECX, RBX, LENGTH_OUT).mov(RDI, RCX).call(console.printDecimal);
    console.say(" bytes, beginning ");
    asm.lea(RDI, RBX, DATA).mov(RSI, SHOWN).call(console.printHex).call(console.newLine);
    Label polled = new Label("polled");
    BootCode.loadVariable(asm, RAX, Variable.NOTIFIED);
    asm.test(RAX, RAX).jump(Condition.EQUAL, polled);
    console.say("               announced by interrupt 0x51\r\n");
    asm.bind(polled);
    console.say("               signed by a TEST PKI: it proves nothing about any machine\r\n");
  }

  /** RBX becomes the linear address of the shared buffer; console routines keep it. */
  private void sharedBufferToRbx() {
    BootCode.loadVariable(asm, RBX, Variable.SHARED_BUFFER);
    asm.mov(RAX, AddressMap.SHARED_ALIAS).add(RBX, RAX);
  }
}
