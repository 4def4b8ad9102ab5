package org.swtdx.cpu.silicon;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.CodePage;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.GuestFault;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.core.MemoryPort;
import org.swtdx.cpu.core.Tlb;
import org.swtdx.cpu.decode.Decoder;
import org.swtdx.cpu.exec.InstructionSet;

/** Our engine in the same place: 64-bit user mode, scratch memory at the same linear address. */
final class SoftProcessor {
  private final long scratchLinear;
  private final MemorySegment scratch;
  private final Core core;
  private final Decoder decoder = new Decoder(InstructionSet.table());

  SoftProcessor(long scratchLinear) {
    this.scratchLinear = scratchLinear;
    this.scratch = Arena.global().allocate(NativeProcessor.SCRATCH_SIZE, 4096);
    core = new Core(new ScratchPort(), Environment.system(1_000_000_000L));
    core.cr0 = 0x8000_0033L;
    core.cr4 = 1 << 5 | 1 << 9 | 1 << 10 | 1 << 18;
    core.xcr0 = 7;
    core.efer = 0xd01;
    core.cpl = 3;
    for (int i = 0; i < 6; i++) {
      core.segmentLimit[i] = -1;
      core.accessRights[i] = 0xc0f3;
    }
    core.accessRights[SegmentRegister.CS] = 0xa0fb;
    core.setFlags(0x202);
    core.modeChanged();
    fillTlb();
  }

  private void fillTlb() {
    for (long[] tlb : core.tlbs) {
      for (long page = scratchLinear & Tlb.PAGE; page < end(); page += 4096) {
        int i = Tlb.index(page);
        tlb[i + Tlb.READ] = page;
        tlb[i + Tlb.WRITE] = page;
        tlb[i + Tlb.ADDEND] = scratch.address() - scratchLinear;
      }
    }
  }

  private long end() {
    return scratchLinear + NativeProcessor.SCRATCH_SIZE;
  }

  Insn decode(byte[] code, int offset, long rip) {
    return decoder.decode(
        at -> offset + at < code.length ? code[offset + at] & 0xff : 0x90, rip, 64, false);
  }

  /** Executes {@code code} at {@code rip} from {@code in}. */
  void run(byte[] code, long rip, MachineState in, MachineState out) {
    load(in);
    out.signal = 0;
    try {
      core.rip = rip;
      for (int offset = 0; offset >= 0 && offset < code.length; ) {
        Insn insn = decode(code, offset, rip + offset);
        core.blockLimit = 1;
        do {
          core.rip = insn.rip + insn.length;
          insn.handler.execute(core, insn);
        } while (core.rip == insn.rip);
        offset = (int) (core.rip - rip);
      }
    } catch (GuestFault fault) {
      out.signal = signal(core.faultVector);
    }
    store(out);
  }

  /** Where the last run ended. */
  long rip() {
    return core.rip;
  }

  private static int signal(int vector) {
    return switch (vector) {
      case Core.DE, Core.MF, Core.XM -> 8;
      case Core.UD -> 4;
      case Core.BP, Core.DB -> 5;
      case Core.SS, Core.AC, Core.NP -> 7;
      default -> 11;
    };
  }

  private void load(MachineState in) {
    System.arraycopy(in.gpr, 0, core.gpr, 0, 16);
    System.arraycopy(in.vec, 0, core.vec, 0, 64);
    System.arraycopy(in.significand, 0, core.fpu.significand, 0, 8);
    System.arraycopy(in.signExponent, 0, core.fpu.signExponent, 0, 8);
    core.setFlags(in.flags);
    core.mxcsr = in.mxcsr;
    core.fpu.control = in.control;
    core.fpu.setStatusWord(in.status);
    core.fpu.used = in.used;
    MemorySegment.copy(in.memory, 0, scratch, ValueLayout.JAVA_LONG, 0, in.memory.length);
  }

  private void store(MachineState out) {
    System.arraycopy(core.gpr, 0, out.gpr, 0, 16);
    System.arraycopy(core.vec, 0, out.vec, 0, 64);
    System.arraycopy(core.fpu.significand, 0, out.significand, 0, 8);
    System.arraycopy(core.fpu.signExponent, 0, out.signExponent, 0, 8);
    out.flags = core.getFlags();
    out.mxcsr = core.mxcsr;
    out.control = core.fpu.control;
    out.status = core.fpu.statusWord();
    out.used = core.fpu.used;
    MemorySegment.copy(scratch, ValueLayout.JAVA_LONG, 0, out.memory, 0, out.memory.length);
  }

  /** Byte accesses for what crosses a page; everything outside the scratch memory faults. */
  private final class ScratchPort extends MemoryPort {
    private void check(Core c, long linear, int size) {
      if (linear < scratchLinear || linear + size > end()) {
        throw c.raise(Core.PF, 4);
      }
    }

    @Override
    public long load(Core c, long linear, int size) {
      check(c, linear, size);
      long value = 0;
      for (int k = 0; k < size; k++) {
        long b = scratch.get(ValueLayout.JAVA_BYTE, linear - scratchLinear + k) & 0xffL;
        value |= b << 8 * k;
      }
      return value;
    }

    @Override
    public void store(Core c, long linear, int size, long value) {
      check(c, linear, size);
      for (int k = 0; k < size; k++) {
        scratch.set(ValueLayout.JAVA_BYTE, linear - scratchLinear + k, (byte) (value >>> 8 * k));
      }
    }

    @Override
    public void probe(Core c, long linear, int size, boolean write) {
      check(c, linear, size);
    }

    @Override
    public long nativeAddress(Core c, long linear, boolean write) {
      check(c, linear, 1);
      return scratch.address() + linear - scratchLinear;
    }

    @Override
    public void fetch(Core c, long linear, CodePage page) {
      throw new IllegalStateException("instructions are decoded outside the block cache");
    }
  }
}
