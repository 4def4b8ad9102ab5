package org.swtdx.cpu.silicon;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Runs short instruction sequences on the processor underneath: a thunk of machine code loads a
 * complete user-mode register state, falls into the instructions and stores the state back. Signals
 * raised inside the sequence end it and are reported; all others go to the handler that was there.
 */
@SuppressWarnings("restricted") // runs machine code made for the test
final class NativeProcessor {
  static final int SCRATCH_SIZE = 8192;
  private static final int HANDLER = 0x800;
  private static final int IN_GPR = 0x2000;
  private static final int IN_FLAGS = 0x2080;
  private static final int OUT_GPR = 0x2100;
  private static final int OUT_FLAGS = 0x2180;
  private static final int SAVED = 0x2200;
  private static final int SIGNAL = 0x2280;
  private static final int OLD_HANDLERS = 0x2300;
  private static final int IN_EXTENDED = 0x2400;
  private static final int OUT_EXTENDED = 0x2800;
  private static final int ALTERNATE_STACK = 0x4000;
  private static final int ALTERNATE_STACK_SIZE = 0x8000;
  private static final int SCRATCH = 0xd000;
  private static final int REGION = 0x10000;
  static final int SLOT_SIZE = 256;
  private static final int[] CALLEE_SAVED = {3, 5, 12, 13, 14, 15, 4};

  private final MemorySegment region;
  private final MethodHandle enter;
  private int at;
  private int slot;
  private int epilogue;

  NativeProcessor() throws Throwable {
    Linker linker = Linker.nativeLinker();
    SymbolLookup libc = linker.defaultLookup();
    var l = ValueLayout.JAVA_LONG;
    var i = ValueLayout.JAVA_INT;
    var p = ValueLayout.ADDRESS;
    MethodHandle mmap =
        linker.downcallHandle(
            libc.find("mmap").orElseThrow(), FunctionDescriptor.of(p, p, l, i, i, i, l));
    MemorySegment mapped = MemorySegment.NULL;
    // Below 2 GiB, so that 32-bit addressing reaches it: PROT_READ|WRITE|EXEC;
    // MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE.
    for (long hint = 0x1000_0000L; hint < 0x7000_0000L; hint += 0x0123_0000L) {
      mapped =
          (MemorySegment)
              mmap.invokeExact(MemorySegment.ofAddress(hint), (long) REGION, 7, 0x10_0022, -1, 0L);
      if (mapped.address() == hint) {
        break;
      }
    }
    if (mapped.address() <= 0 || mapped.address() >= 1L << 31) {
      throw new IllegalStateException("no writable and executable memory below 2 GiB");
    }
    region = mapped.reinterpret(REGION);
    emitThunk();
    emitHandler();
    installHandlers(linker, libc);
    enter = linker.downcallHandle(region, FunctionDescriptor.ofVoid());
  }

  long scratchAddress() {
    return region.address() + SCRATCH;
  }

  long slotAddress() {
    return region.address() + slot;
  }

  MemorySegment scratch() {
    return region.asSlice(SCRATCH, SCRATCH_SIZE);
  }

  /** Runs {@code code} from {@code in}; leaves the outcome in {@code out}. */
  void run(byte[] code, MachineState in, MachineState out) throws Throwable {
    MemorySegment.copy(code, 0, region, ValueLayout.JAVA_BYTE, slot, code.length);
    at = slot + code.length;
    jump(epilogue);
    for (int k = 0; k < 16; k++) {
      put64(IN_GPR + 8 * k, in.gpr[k]);
    }
    put64(IN_FLAGS, in.flags);
    put64(SIGNAL, 0);
    byte[] area = in.toXsave();
    MemorySegment.copy(area, 0, region, ValueLayout.JAVA_BYTE, IN_EXTENDED, area.length);
    enter.invokeExact();
    for (int k = 0; k < 16; k++) {
      out.gpr[k] = get64(OUT_GPR + 8 * k);
    }
    out.flags = get64(OUT_FLAGS);
    out.signal = (int) get64(SIGNAL);
    MemorySegment.copy(region, ValueLayout.JAVA_BYTE, OUT_EXTENDED, area, 0, area.length);
    out.fromXsave(area);
    MemorySegment.copy(region, ValueLayout.JAVA_LONG, SCRATCH, out.memory, 0, out.memory.length);
  }

  private void put64(int offset, long value) {
    region.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, value);
  }

  private long get64(int offset) {
    return region.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
  }

  private void emit(int... bytes) {
    for (int b : bytes) {
      region.set(ValueLayout.JAVA_BYTE, at++, (byte) b);
    }
  }

  private void emit32(int value) {
    emit(value, value >> 8, value >> 16, value >> 24);
  }

  /** {@code [REX.W+R] opcode reg, [rip + target]}. */
  private void ripRelative(int opcode, int reg, int target) {
    emit(0x48 | reg >> 3 << 2, opcode, reg << 3 & 0x38 | 5);
    emit32(target - (at + 4));
  }

  /** {@code [48] 0F opcode /extension [rip + target]}. */
  private void ripRelativeGroup(int opcode, int extension, int target) {
    emit(0x48, 0x0f, opcode, extension << 3 | 5);
    emit32(target - (at + 4));
  }

  private void jump(int target) {
    emit(0xe9);
    emit32(target - (at + 4));
  }

  private void emitThunk() {
    at = 0;
    for (int k = 0; k < CALLEE_SAVED.length; k++) {
      ripRelative(0x89, CALLEE_SAVED[k], SAVED + 8 * k);
    }
    ripRelativeGroup(0xae, 3, SAVED + 56);
    emit(0xd9, 7 << 3 | 5);
    emit32(SAVED + 64 - (at + 4));
    emit(0xb8, 7, 0, 0, 0, 0x31, 0xd2);
    ripRelativeGroup(0xae, 5, IN_EXTENDED);
    ripRelative(0x8d, 4, IN_FLAGS);
    emit(0x9d);
    for (int k = 0; k < 16; k++) {
      ripRelative(0x8b, k, IN_GPR + 8 * k);
    }
    slot = at;
    at += SLOT_SIZE;
    epilogue = at;
    for (int k = 0; k < 16; k++) {
      ripRelative(0x89, k, OUT_GPR + 8 * k);
    }
    ripRelative(0x8d, 4, OUT_FLAGS + 8);
    emit(0x9c, 0xfc, 0xb8, 7, 0, 0, 0, 0x31, 0xd2);
    ripRelativeGroup(0xae, 4, OUT_EXTENDED);
    for (int k = 0; k < CALLEE_SAVED.length; k++) {
      ripRelative(0x8b, CALLEE_SAVED[k], SAVED + 8 * k);
    }
    emit(0xdb, 0xe3);
    emit(0xd9, 5 << 3 | 5);
    emit32(SAVED + 64 - (at + 4));
    ripRelativeGroup(0xae, 2, SAVED + 56);
    emit(0xc5, 0xf8, 0x77, 0xc3);
  }

  /** void handler(int signal, siginfo_t *, ucontext_t *): RIP is at offset 168 of the context. */
  private void emitHandler() {
    at = HANDLER;
    emit(0x48, 0x8b, 0x82);
    emit32(168);
    ripRelative(0x8d, 1, slot);
    emit(0x48, 0x39, 0xc8, 0x72);
    final int firstBranch = at;
    emit(0);
    ripRelative(0x8d, 1, slot + SLOT_SIZE);
    emit(0x48, 0x39, 0xc8, 0x73);
    final int secondBranch = at;
    emit(0);
    ripRelative(0x89, 7, SIGNAL);
    ripRelative(0x8d, 1, epilogue);
    emit(0x48, 0x89, 0x8a);
    emit32(168);
    emit(0xc3);
    int chain = at;
    ripRelative(0x8d, 1, OLD_HANDLERS);
    emit(0x48, 0x8b, 0x0c, 0xf9, 0xff, 0xe1);
    region.set(ValueLayout.JAVA_BYTE, firstBranch, (byte) (chain - firstBranch - 1));
    region.set(ValueLayout.JAVA_BYTE, secondBranch, (byte) (chain - secondBranch - 1));
  }

  private void installHandlers(Linker linker, SymbolLookup libc) throws Throwable {
    var i = ValueLayout.JAVA_INT;
    var p = ValueLayout.ADDRESS;
    MethodHandle sigaction =
        linker.downcallHandle(
            libc.find("sigaction").orElseThrow(), FunctionDescriptor.of(i, i, p, p));
    MethodHandle sigaltstack =
        linker.downcallHandle(
            libc.find("sigaltstack").orElseThrow(), FunctionDescriptor.of(i, p, p));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stack = arena.allocate(24, 8);
      stack.set(ValueLayout.JAVA_LONG, 0, region.address() + ALTERNATE_STACK);
      stack.set(ValueLayout.JAVA_LONG, 16, ALTERNATE_STACK_SIZE);
      int status = (int) sigaltstack.invokeExact(stack, MemorySegment.NULL);
      if (status != 0) {
        throw new IllegalStateException("sigaltstack failed");
      }
      for (int signal : new int[] {4, 5, 7, 8, 11}) {
        MemorySegment action = arena.allocate(152, 8);
        MemorySegment old = arena.allocate(152, 8);
        action.set(ValueLayout.JAVA_LONG, 0, region.address() + HANDLER);
        // SA_SIGINFO | SA_ONSTACK | SA_NODEFER
        action.set(ValueLayout.JAVA_INT, 136, 4 | 0x0800_0000 | 0x4000_0000);
        int result = (int) sigaction.invokeExact(signal, action, old);
        if (result != 0) {
          throw new IllegalStateException("sigaction failed");
        }
        put64(OLD_HANDLERS + 8 * signal, old.get(ValueLayout.JAVA_LONG, 0));
      }
    }
  }
}
