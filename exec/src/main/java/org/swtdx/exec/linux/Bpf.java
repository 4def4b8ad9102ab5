package org.swtdx.exec.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An assembler of classic BPF programs over {@code struct seccomp_data} (linux/seccomp.h,
 * linux/filter.h). Jumps go forward to names that are placed later.
 */
public final class Bpf {
  /** {@code SECCOMP_RET_ALLOW}. */
  public static final int ALLOW = 0x7fff0000;

  /** {@code SECCOMP_RET_USER_NOTIF}. */
  public static final int NOTIFY = 0x7fc00000;

  /** {@code AUDIT_ARCH_X86_64}. */
  public static final int X86_64 = 0xc000003e;

  private static final int OFFSET_NUMBER = 0;
  private static final int OFFSET_ARCH = 4;
  private static final int OFFSET_ARGS = 16;
  private static final int LOAD_WORD = 0x20;
  private static final int JUMP_EQUAL = 0x15;
  private static final int JUMP_SET = 0x45;
  private static final int AND = 0x54;
  private static final int RETURN = 0x06;
  private static final int INSTRUCTION = 8;

  private record Instruction(int code, String whenTrue, String whenFalse, int k) {}

  private final List<Instruction> program = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();

  /** Loads the number of the system call. */
  public Bpf loadNumber() {
    return add(LOAD_WORD, "", "", OFFSET_NUMBER);
  }

  /** Loads the architecture. */
  public Bpf loadArch() {
    return add(LOAD_WORD, "", "", OFFSET_ARCH);
  }

  /** Loads the low 32 bits of an argument. */
  public Bpf loadArgument(int index) {
    return add(LOAD_WORD, "", "", OFFSET_ARGS + 8 * index);
  }

  /** Keeps some bits of what was loaded. */
  public Bpf and(int mask) {
    return add(AND, "", "", mask);
  }

  /** Goes to a place when the loaded value is {@code value}. */
  public Bpf ifEqual(int value, String place) {
    return add(JUMP_EQUAL, place, "", value);
  }

  /** Goes to a place unless the loaded value is {@code value}. */
  public Bpf unlessEqual(int value, String place) {
    return add(JUMP_EQUAL, "", place, value);
  }

  /** Goes to a place when one of the bits is set in the loaded value. */
  public Bpf ifAny(int bits, String place) {
    return add(JUMP_SET, place, "", bits);
  }

  /** Goes to a place unless one of the bits is set in the loaded value. */
  public Bpf unlessAny(int bits, String place) {
    return add(JUMP_SET, "", place, bits);
  }

  /** Ends with a verdict. */
  public Bpf verdict(int action) {
    return add(RETURN, "", "", action);
  }

  /** Names the next instruction. */
  public Bpf place(String name) {
    if (places.put(name, program.size()) != null) {
      throw new IllegalArgumentException("placed twice: " + name);
    }
    return this;
  }

  private Bpf add(int code, String whenTrue, String whenFalse, int k) {
    program.add(new Instruction(code, whenTrue, whenFalse, k));
    return this;
  }

  /** Number of instructions. */
  public int length() {
    return program.size();
  }

  /** The instructions as {@code struct sock_filter}s. */
  public MemorySegment assemble(Arena arena) {
    MemorySegment code = arena.allocate((long) program.size() * INSTRUCTION, INSTRUCTION);
    for (int at = 0; at < program.size(); at++) {
      Instruction instruction = program.get(at);
      long offset = (long) at * INSTRUCTION;
      code.set(ValueLayout.JAVA_SHORT, offset, (short) instruction.code);
      code.set(ValueLayout.JAVA_BYTE, offset + 2, distance(at, instruction.whenTrue));
      code.set(ValueLayout.JAVA_BYTE, offset + 3, distance(at, instruction.whenFalse));
      code.set(ValueLayout.JAVA_INT, offset + 4, instruction.k);
    }
    return code;
  }

  private byte distance(int from, String place) {
    if (place.isEmpty()) {
      return 0;
    }
    Integer to = places.get(place);
    if (to == null || to <= from || to - from - 1 > 255) {
      throw new IllegalStateException("no place ahead within reach: " + place);
    }
    return (byte) (to - from - 1);
  }
}
