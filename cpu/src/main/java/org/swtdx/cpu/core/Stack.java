package org.swtdx.cpu.core;

import org.swtdx.cpu.SegmentRegister;

/** Pushes and pops with the stack size of the mode. */
public final class Stack {
  private static final int RSP = 4;

  private Stack() {}

  /** Pushes the low {@code size} (2, 4, 8) bytes of {@code value}; RSP changes if all went well. */
  public static void push(Core core, int size, long value) {
    long pointer = core.gpr[RSP] - size & core.stackMask;
    core.store(core.address(SegmentRegister.SS, pointer, size, true), size, value);
    setPointer(core, pointer);
  }

  /** Pops {@code size} (2, 4, 8) bytes, zero-extended. */
  public static long pop(Core core, int size) {
    long value = peek(core, 0, size);
    release(core, size);
    return value;
  }

  /** Reads {@code size} bytes at {@code offset} above the stack pointer. */
  public static long peek(Core core, long offset, int size) {
    long pointer = core.gpr[RSP] + offset & core.stackMask;
    return core.load(core.address(SegmentRegister.SS, pointer, size, false), size);
  }

  /** Advances the stack pointer. */
  public static void release(Core core, long bytes) {
    setPointer(core, core.gpr[RSP] + bytes & core.stackMask);
  }

  /** Sets the part of RSP that the stack size covers. */
  public static void setPointer(Core core, long pointer) {
    long mask = core.stackMask;
    core.gpr[RSP] = mask == 0xffff ? core.gpr[RSP] & ~mask | pointer & mask : pointer & mask;
  }
}
