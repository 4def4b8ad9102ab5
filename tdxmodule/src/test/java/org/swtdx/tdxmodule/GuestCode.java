package org.swtdx.tdxmodule;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/** Emits the few x86-64 instructions that the test guests are made of. */
public final class GuestCode {
  static final int RAX = 0;
  static final int RCX = 1;
  static final int RDX = 2;
  static final int RBX = 3;
  static final int RSP = 4;
  static final int RBP = 5;
  static final int RSI = 6;
  static final int RDI = 7;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** No code. */
  public GuestCode() {}

  /** Appends bytes given in hex, blanks ignored. */
  GuestCode hex(String bytes) {
    out.writeBytes(HexFormat.of().parseHex(bytes.replace(" ", "")));
    return this;
  }

  GuestCode imm32(long value) {
    return little(value, 4);
  }

  GuestCode imm64(long value) {
    return little(value, 8);
  }

  private GuestCode little(long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >>> 8 * i));
    }
    return this;
  }

  /** MOV r64, imm64. */
  GuestCode set(int register, long value) {
    out.write(register < 8 ? 0x48 : 0x49);
    out.write(0xb8 | register & 7);
    return imm64(value);
  }

  /** MOV target, source (64 bits). */
  GuestCode move(int target, int source) {
    out.write(0x48 | (source >= 8 ? 4 : 0) | (target >= 8 ? 1 : 0));
    out.write(0x89);
    out.write(0xc0 | (source & 7) << 3 | target & 7);
    return this;
  }

  /** MOV RAX, [address]. */
  GuestCode load(long address) {
    return hex("48a1").imm64(address);
  }

  /** MOV [address], RAX. */
  GuestCode store(long address) {
    return hex("48a3").imm64(address);
  }

  GuestCode tdcall() {
    return hex("660f01cc");
  }

  /** A leaf with up to three operands, in RCX, RDX, R8. */
  GuestCode leaf(int number, long... operands) {
    int[] registers = {RCX, RDX, 8, 9};
    for (int i = 0; i < operands.length; i++) {
      set(registers[i], operands[i]);
    }
    return set(RAX, number).tdcall();
  }

  /** TDG.VP.VMCALL that shows the host every register it can. */
  public GuestCode report() {
    return vmcall(0xffcc);
  }

  GuestCode vmcall(long mask) {
    return set(RCX, mask).hex("31c0").tdcall();
  }

  /** JMP to itself. */
  GuestCode spin() {
    return hex("ebfe");
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  int length() {
    return out.size();
  }
}
