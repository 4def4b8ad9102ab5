package org.swtdx.seamcall;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.seamcall.port.SeamPort;
import org.swtdx.seamcall.port.SeamRegisters;

/**
 * The one place where SEAMCALL is executed. Holds a register file per logical processor (the caller
 * is that processor, so it has it alone), repeats calls for want of entropy, and flushes caches
 * before a page changes hands.
 */
final class SeamcallGate {
  /** Random numbers run out only for moments; Linux gives up after as many attempts. */
  static final int ENTROPY_RETRIES = 10;

  private final Platform platform;
  private final SeamPort port;
  private final SeamRegisters[] registers;
  private final LongAdder flushed;

  SeamcallGate(Platform platform, SeamPort port) {
    this.platform = platform;
    this.port = port;
    List<LogicalProcessor> processors = platform.processors();
    registers = new SeamRegisters[processors.size()];
    for (int i = 0; i < registers.length; i++) {
      registers[i] = new SeamRegisters();
    }
    flushed = platform.events().counter(PlatformEvents.Kind.COUNT, "pages given to the module");
  }

  /** Returns {@code lp}'s registers with the first operands set and the others zero. */
  SeamRegisters operands(LogicalProcessor lp, long rcx, long rdx, long r8, long r9) {
    SeamRegisters regs = registers[lp.index()];
    regs.rcx = rcx;
    regs.rdx = rdx;
    regs.r8 = r8;
    regs.r9 = r9;
    regs.r10 = 0;
    regs.r11 = 0;
    regs.r12 = 0;
    regs.r13 = 0;
    return regs;
  }

  /** Executes {@code leaf} with {@code regs}, as often as entropy requires; returns RAX. */
  long callRaw(LogicalProcessor lp, Leaf leaf, SeamRegisters regs) {
    long rcx = regs.rcx;
    long rdx = regs.rdx;
    long r8 = regs.r8;
    long r9 = regs.r9;
    for (int attempt = 1; ; attempt++) {
      regs.rax = leaf.rax();
      port.seamcall(lp, regs);
      if (attempt == ENTROPY_RETRIES || !TdxStatus.is(regs.rax, StatusCode.RND_NO_ENTROPY)) {
        return regs.rax;
      }
      regs.rcx = rcx;
      regs.rdx = rdx;
      regs.r8 = r8;
      regs.r9 = r9;
    }
  }

  TdxStatus call(LogicalProcessor lp, Leaf leaf, SeamRegisters regs) {
    return TdxStatus.of(callRaw(lp, leaf, regs));
  }

  /** TDH.VP.ENTER: no retry, and RAX stays in {@code regs}. */
  void enter(LogicalProcessor lp, SeamRegisters regs) {
    regs.rax = TdhVp.ENTER.rax();
    port.seamcall(lp, regs);
  }

  /** Replaces the module; false when that is not possible now. */
  boolean install() {
    return port.install();
  }

  /** The machine. */
  Platform platform() {
    return platform;
  }

  /**
   * Flushes the host's cache lines of a page that is about to be given to the module. The module
   * accesses the page under another KeyID; a line that the host left dirty under KeyID 0 could be
   * written back later, over the module's data, and the next read there would find the integrity
   * check failing. This platform's caches are write-through, so the flush has no line to write.
   */
  void flushBeforeHandOver() {
    flushed.increment();
  }
}
