package org.swtdx.embedded.assembler;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Appends instructions (Intel SDM Vol. 2). The width of an operation is that of its registers;
 * where there is none, the method's name says it. Displacements and immediates take the short form
 * when they fit.
 */
public final class Assembler {
  // The arithmetic instructions by their number in the encoding.
  private static final int ADD = 0;
  private static final int OR = 1;
  private static final int AND = 4;
  private static final int SUB = 5;
  private static final int XOR = 6;
  private static final int CMP = 7;

  /** A place that awaits the value of a label. */
  private record Fixup(int at, Label label, boolean relative) {}

  private final ByteArrayOutputStream code = new ByteArrayOutputStream();
  private final List<Fixup> fixups = new ArrayList<>();
  private final long origin;

  /** Creates an assembler for code that will be at linear address {@code origin}. */
  public Assembler(long origin) {
    this.origin = origin;
  }

  /** Returns the code with all labels resolved. */
  public byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.wrap(code.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    for (Fixup fixup : fixups) {
      int offset = fixup.label.offset();
      bytes.putInt(
          fixup.at, fixup.relative ? offset - fixup.at - Integer.BYTES : (int) (origin + offset));
    }
    return bytes.array();
  }

  /** Places a label here. */
  public Assembler bind(Label label) {
    label.bind(code.size());
    return this;
  }

  /** Appends bytes as they are. */
  public Assembler bytes(byte... data) {
    code.writeBytes(data);
    return this;
  }

  /** Appends zeros up to a multiple of {@code alignment}. */
  public Assembler align(int alignment) {
    while ((origin + code.size()) % alignment != 0) {
      code.write(0);
    }
    return this;
  }

  /** Appends eight bytes. */
  public Assembler quad(long value) {
    return immediate(value, 8);
  }

  /** Appends two bytes. */
  public Assembler word(int value) {
    return immediate(value, 2);
  }

  /** Appends the low 32 bits of a label's linear address. */
  public Assembler address32(Label label) {
    fixups.add(new Fixup(code.size(), label, false));
    return immediate(0, 4);
  }

  /** MOV to a register; a value of 32 bits is extended with zeros. */
  public Assembler mov(Register to, long value) {
    boolean wide = to.is64() && value >>> 32 != 0;
    rex(wide, 0, to.code());
    code.write(0xb8 | to.code() & 7);
    return immediate(value, wide ? 8 : 4);
  }

  /** MOV between registers. */
  public Assembler mov(Register to, Register from) {
    return registers(from, to, 0x89);
  }

  /** MOV from memory at {@code base + displacement}. */
  public Assembler load(Register to, Register base, int displacement) {
    return memory(to.is64(), to.code(), base, displacement, 0x8b);
  }

  /** MOVZX of a byte in memory to 32 bits, which clears the upper ones as well. */
  public Assembler load8(Register to, Register base, int displacement) {
    return memory(false, to.code(), base, displacement, 0x0f, 0xb6);
  }

  /** MOVZX of two bytes in memory. */
  public Assembler load16(Register to, Register base, int displacement) {
    return memory(false, to.code(), base, displacement, 0x0f, 0xb7);
  }

  /** MOV to memory at {@code base + displacement}. */
  public Assembler store(Register base, int displacement, Register from) {
    return memory(from.is64(), from.code(), base, displacement, 0x89);
  }

  /** MOV of a 32-bit immediate to four bytes of memory. */
  public Assembler store32(Register base, int displacement, int value) {
    return memory(false, 0, base, displacement, 0xc7).immediate(value, 4);
  }

  /** MOV of a sign-extended 32-bit immediate to eight bytes of memory. */
  public Assembler store64(Register base, int displacement, int value) {
    return memory(true, 0, base, displacement, 0xc7).immediate(value, 4);
  }

  /** LEA of a label, relative to the instruction pointer; 64-bit mode only. */
  public Assembler lea(Register to, Label label) {
    rex(to.is64(), to.code(), 0);
    code.write(0x8d);
    code.write((to.code() & 7) << 3 | 5);
    return relative(label);
  }

  /** LEA of {@code base + displacement}. */
  public Assembler lea(Register to, Register base, int displacement) {
    return memory(to.is64(), to.code(), base, displacement, 0x8d);
  }

  /** ADD of a register. */
  public Assembler add(Register to, Register value) {
    return arithmetic(ADD, to, value);
  }

  /** ADD of an immediate. */
  public Assembler add(Register to, int value) {
    return arithmetic(ADD, to, value);
  }

  /** OR of a register. */
  public Assembler or(Register to, Register value) {
    return arithmetic(OR, to, value);
  }

  /** OR of a sign-extended immediate. */
  public Assembler or(Register to, int value) {
    return arithmetic(OR, to, value);
  }

  /** AND of a sign-extended immediate. */
  public Assembler and(Register to, int value) {
    return arithmetic(AND, to, value);
  }

  /** SUB of a register. */
  public Assembler sub(Register to, Register value) {
    return arithmetic(SUB, to, value);
  }

  /** SUB of an immediate. */
  public Assembler sub(Register to, int value) {
    return arithmetic(SUB, to, value);
  }

  /** XOR of a register. */
  public Assembler xor(Register to, Register value) {
    return arithmetic(XOR, to, value);
  }

  /** CMP with a register. */
  public Assembler cmp(Register left, Register right) {
    return arithmetic(CMP, left, right);
  }

  /** CMP with a sign-extended immediate. */
  public Assembler cmp(Register left, int right) {
    return arithmetic(CMP, left, right);
  }

  /** TEST of two registers. */
  public Assembler test(Register left, Register right) {
    return registers(right, left, 0x85);
  }

  /** TEST with a 32-bit immediate. */
  public Assembler test(Register left, int bits) {
    rex(left.is64(), 0, left.code());
    code.write(0xf7);
    code.write(0xc0 | left.code() & 7);
    return immediate(bits, 4);
  }

  /** SHL by a constant. */
  public Assembler shl(Register register, int count) {
    return shift(register, 4, count);
  }

  /** SHR by a constant. */
  public Assembler shr(Register register, int count) {
    return shift(register, 5, count);
  }

  /** ROL by a constant. */
  public Assembler rol(Register register, int count) {
    return shift(register, 0, count);
  }

  /** SHL by CL. */
  public Assembler shlByCl(Register register) {
    rex(register.is64(), 0, register.code());
    code.write(0xd3);
    code.write(0xc0 | 4 << 3 | register.code() & 7);
    return this;
  }

  /** DIV of RDX:RAX (or EDX:EAX). */
  public Assembler div(Register by) {
    rex(by.is64(), 0, by.code());
    code.write(0xf7);
    code.write(0xc0 | 6 << 3 | by.code() & 7);
    return this;
  }

  /** PUSH of the mode's own width. */
  public Assembler push(Register register) {
    rex(false, 0, register.code());
    code.write(0x50 | register.code() & 7);
    return this;
  }

  /** POP of the mode's own width. */
  public Assembler pop(Register register) {
    rex(false, 0, register.code());
    code.write(0x58 | register.code() & 7);
    return this;
  }

  /** JMP. */
  public Assembler jmp(Label label) {
    code.write(0xe9);
    return relative(label);
  }

  /** Jcc. */
  public Assembler jump(Condition condition, Label label) {
    code.write(0x0f);
    code.write(0x80 | condition.code());
    return relative(label);
  }

  /** CALL. */
  public Assembler call(Label label) {
    code.write(0xe8);
    return relative(label);
  }

  /** RET. */
  public Assembler ret() {
    return bytes((byte) 0xc3);
  }

  /** Far JMP with an immediate pointer; 32-bit mode only. */
  public Assembler farJump32(int selector, Label label) {
    code.write(0xea);
    return address32(label).word(selector);
  }

  /** LGDT from an absolute address; 32-bit mode only. */
  public Assembler lgdt32(Label label) {
    return bytes((byte) 0x0f, (byte) 0x01, (byte) 0x15).address32(label);
  }

  /** MOV to a control register. */
  public Assembler movToControl(int control, Register from) {
    return bytes((byte) 0x0f, (byte) 0x22, (byte) (0xc0 | control << 3 | from.code()));
  }

  /** MOV from a control register. */
  public Assembler movFromControl(Register to, int control) {
    return bytes((byte) 0x0f, (byte) 0x20, (byte) (0xc0 | control << 3 | to.code()));
  }

  /** MOV of EAX to DS, ES and SS. */
  public Assembler movEaxToDataSegments() {
    return bytes((byte) 0x8e, (byte) 0xd8, (byte) 0x8e, (byte) 0xc0, (byte) 0x8e, (byte) 0xd0);
  }

  /** CPUID. */
  public Assembler cpuid() {
    return bytes((byte) 0x0f, (byte) 0xa2);
  }

  /** TDCALL. */
  public Assembler tdcall() {
    return bytes((byte) 0x66, (byte) 0x0f, (byte) 0x01, (byte) 0xcc);
  }

  /** PAUSE. */
  public Assembler pause() {
    return bytes((byte) 0xf3, (byte) 0x90);
  }

  /** CLI. */
  public Assembler cli() {
    return bytes((byte) 0xfa);
  }

  /** STI: interrupts come after the instruction that follows. */
  public Assembler sti() {
    return bytes((byte) 0xfb);
  }

  /** WRMSR: register ECX becomes EDX:EAX. */
  public Assembler wrmsr() {
    return bytes((byte) 0x0f, (byte) 0x30);
  }

  /** LIDT of the ten bytes that RDI points to. */
  public Assembler lidtRdi() {
    return bytes((byte) 0x0f, (byte) 0x01, (byte) 0x1f);
  }

  /** IRETQ. */
  public Assembler iretq() {
    return bytes((byte) 0x48, (byte) 0xcf);
  }

  /** HLT. */
  public Assembler hlt() {
    return bytes((byte) 0xf4);
  }

  /** OUT of AL to port DX. */
  public Assembler outDxAl() {
    return bytes((byte) 0xee);
  }

  /** REP MOVSB: RCX bytes from RSI to RDI. */
  public Assembler repMovsb() {
    return bytes((byte) 0xf3, (byte) 0xa4);
  }

  private Assembler arithmetic(int operation, Register to, Register value) {
    return registers(value, to, operation << 3 | 1);
  }

  private Assembler arithmetic(int operation, Register to, int value) {
    rex(to.is64(), 0, to.code());
    boolean isShort = value == (byte) value;
    code.write(isShort ? 0x83 : 0x81);
    code.write(0xc0 | operation << 3 | to.code() & 7);
    return immediate(value, isShort ? 1 : 4);
  }

  private Assembler shift(Register register, int operation, int count) {
    rex(register.is64(), 0, register.code());
    code.write(0xc1);
    code.write(0xc0 | operation << 3 | register.code() & 7);
    return immediate(count, 1);
  }

  /** An opcode between two registers of one width. */
  private Assembler registers(Register reg, Register rm, int opcode) {
    if (reg.is64() != rm.is64()) {
      throw new IllegalArgumentException(reg + " and " + rm + " differ in width");
    }
    rex(rm.is64(), reg.code(), rm.code());
    code.write(opcode);
    code.write(0xc0 | (reg.code() & 7) << 3 | rm.code() & 7);
    return this;
  }

  /** An opcode between a register (or opcode extension) and memory. */
  private Assembler memory(boolean wide, int reg, Register base, int displacement, int... opcode) {
    rex(wide, reg, base.code());
    for (int part : opcode) {
      code.write(part);
    }
    boolean isShort = displacement == (byte) displacement;
    code.write((isShort ? 0x40 : 0x80) | (reg & 7) << 3 | base.code() & 7);
    if ((base.code() & 7) == 4) {
      code.write(0x24); // the stack pointer's number means that a SIB byte follows
    }
    return immediate(displacement, isShort ? 1 : 4);
  }

  private void rex(boolean wide, int reg, int base) {
    int bits = (wide ? 8 : 0) | (reg >= 8 ? 4 : 0) | (base >= 8 ? 1 : 0);
    if (bits != 0) {
      code.write(0x40 | bits);
    }
  }

  private Assembler relative(Label label) {
    fixups.add(new Fixup(code.size(), label, true));
    return immediate(0, 4);
  }

  private Assembler immediate(long value, int size) {
    for (int i = 0; i < size; i++) {
      code.write((int) (value >>> 8 * i));
    }
    return this;
  }
}
