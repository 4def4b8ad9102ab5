package org.swtdx.kvm;

import static org.swtdx.kvm.Vcpu.CONTINUE;
import static org.swtdx.kvm.Vcpu.TO_USER;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.Processor;
import org.swtdx.cpu.VmExit;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmRun;

/**
 * INS and OUTS of an ordinary vCPU. INS into memory leaves with as many elements as fit, everything
 * else goes element by element; what is left of a repeated one exits again. The part of an element
 * that is no memory is MMIO, which leaves to user space piece by piece.
 */
final class VmxStringIo {
  private static final long DIRECTION = 1 << 10;
  private static final int MAX_BYTES = 1024;
  private static final int PAGE = 4096;
  private static final int REPEATED = 0x20;
  private static final int READ = 8;

  private final VmxVcpu vcpu;
  private final Processor processor;
  private final CpuState state;
  private final KvmRun run;
  private final GuestWalk walk;
  private final VmxMmio mmio;

  /** What user space is doing. */
  private Step step = Step.NOTHING;

  private boolean read;
  private int size;
  private int count;
  private int port;
  private long element;

  /** Bytes of the element that were transferred between it and the guest's address space. */
  private int done;

  private int piece;

  private enum Step {
    NOTHING,
    PORT,
    MEMORY
  }

  VmxStringIo(VmxVcpu vcpu, GuestWalk walk, VmxMmio mmio) {
    this.vcpu = vcpu;
    this.walk = walk;
    this.mmio = mmio;
    processor = vcpu.processor();
    state = processor.state();
    run = vcpu.run;
  }

  /** Handles the exit of the instruction. */
  int start(VmExit exit) {
    read = (exit.qualification & READ) != 0;
    size = (int) (exit.qualification & 7) + 1;
    port = (int) (exit.qualification >>> 16) & 0xffff;
    count = 1;
    done = 0;
    element = 0;
    step = Step.NOTHING;
    if (!read) {
      return afterTransfer(transfer());
    }
    Irqchip chip = vcpu.vm().irqchip();
    if (chip != null && chip.claimsPort(port)) {
      element = chip.readPort(port, size) & 0xffff_ffffL;
      return afterTransfer(transfer());
    }
    int most = repetitions(exit);
    count = isMemory(exit, most) ? most : 1;
    step = Step.PORT;
    return PortPage.leave(run, port, size, true, count);
  }

  /** Whether user space has a part to do. */
  boolean isWaiting() {
    return step != Step.NOTHING;
  }

  /** Goes on when user space did its part; CONTINUE when nothing was left to do. */
  int complete() {
    Step was = step;
    step = Step.NOTHING;
    return switch (was) {
      case NOTHING -> CONTINUE;
      case PORT -> elementsRead();
      case MEMORY -> {
        if (!read) {
          long bits = run.mmioData() & (1L << 8 * piece) - 1;
          element |= bits << 8 * done;
        }
        done += piece;
        yield afterTransfer(transfer());
      }
    };
  }

  private int elementsRead() {
    VmExit exit = processor.exit();
    long left = state.gpr(CpuState.RCX) & addressMask(exit);
    if ((exit.qualification & REPEATED) != 0 && Long.compareUnsigned(left, count) < 0) {
      count = (int) left; // user space changed it
    }
    if (count == 1) {
      element = PortPage.get(run, size, 0) & 0xffff_ffffL;
      return afterTransfer(transfer());
    }
    for (int i = 0; i < count; i++) {
      walk.write(address(exit, i), size, PortPage.get(run, size, i) & 0xffff_ffffL);
    }
    advance(exit);
    return CONTINUE;
  }

  /** Moves what is left of the element between it and memory, page by page. */
  private int transfer() {
    long linear = address(processor.exit(), 0);
    while (done < size) {
      long gpa = walk.translate(linear + done);
      if (gpa == GuestWalk.NONE) {
        return emulationFailure();
      }
      piece = (int) Math.min(size - done, PAGE - (gpa & PAGE - 1));
      if (walk.isMemory(gpa, read)) {
        throughMemory(linear + done);
      } else if (mmio.isInKernel(gpa)) {
        throughChip(gpa);
      } else {
        step = Step.MEMORY;
        run.exitReason(KvmExit.MMIO).mmioPhysAddr(gpa).mmioLen(piece).mmioIsWrite(read ? 1 : 0);
        run.mmioData(read ? element >>> 8 * done : 0);
        return TO_USER;
      }
      done += piece;
    }
    return CONTINUE;
  }

  private void throughMemory(long linear) {
    if (read) {
      walk.write(linear, piece, element >>> 8 * done);
    } else {
      element |= walk.read(linear, piece) << 8 * done;
    }
  }

  private void throughChip(long gpa) {
    if (read) {
      mmio.write(gpa, piece, element >>> 8 * done);
    } else {
      element |= (mmio.read(gpa, piece) & (1L << 8 * piece) - 1) << 8 * done;
    }
  }

  private int afterTransfer(int result) {
    if (result != CONTINUE) {
      return result;
    }
    VmExit exit = processor.exit();
    advance(exit);
    return read || writePort() ? CONTINUE : PortPage.leave(run, port, size, false, 1);
  }

  /** Offers the element to what is in the kernel, else puts it where user space finds it. */
  private boolean writePort() {
    Irqchip chip = vcpu.vm().irqchip();
    if (chip != null && chip.claimsPort(port)) {
      chip.writePort(port, size, (int) element);
      return true;
    }
    if (vcpu.vm().bus.write(true, port, size, element)) {
      return true;
    }
    PortPage.put(run, size, (int) element);
    return false;
  }

  /** How many elements one exit can be for: those left in the page, at most 1024 bytes. */
  private int repetitions(VmExit exit) {
    if ((exit.qualification & REPEATED) == 0) {
      return 1;
    }
    long left = state.gpr(CpuState.RCX) & addressMask(exit);
    long offset = exit.guestLinearAddress & PAGE - 1;
    long room = isBackward() ? offset + size : PAGE - offset;
    long fits = Math.min(room, MAX_BYTES) / size;
    return (int) Math.max(1, Math.min(fits, Long.compareUnsigned(left, fits) < 0 ? left : fits));
  }

  /** Whether so many elements all go to memory; they are in one page unless there is one. */
  private boolean isMemory(VmExit exit, int elements) {
    return walk.mapped(address(exit, 0), size, true)
        && walk.mapped(address(exit, elements - 1), size, true);
  }

  private boolean isBackward() {
    return (state.rflags() & DIRECTION) != 0;
  }

  private long address(VmExit exit, int index) {
    return exit.guestLinearAddress + (isBackward() ? -size : size) * (long) index;
  }

  private static long addressMask(VmExit exit) {
    int width = 16 << (exit.instructionInfo >>> 7 & 7);
    return width == 64 ? -1 : (1L << width) - 1;
  }

  /** Moves the pointer and the counter, and the instruction pointer when none is left. */
  private void advance(VmExit exit) {
    long mask = addressMask(exit);
    long bytes = (long) size * count;
    add(read ? CpuState.RDI : CpuState.RSI, isBackward() ? -bytes : bytes, mask);
    boolean repeated = (exit.qualification & REPEATED) != 0;
    if (repeated) {
      add(CpuState.RCX, -count, mask);
    }
    if (!repeated || (state.gpr(CpuState.RCX) & mask) == 0) {
      processor.skipInstruction();
    }
  }

  private void add(int register, long change, long mask) {
    long value = state.gpr(register);
    long next = value + change & mask;
    state.setGpr(register, mask == 0xffff ? value & ~mask | next : next);
  }

  private int emulationFailure() {
    run.exitReason(KvmExit.INTERNAL_ERROR)
        .internalSuberror(KvmExit.INTERNAL_ERROR_EMULATION)
        .internalNdata(0);
    return TO_USER;
  }
}
