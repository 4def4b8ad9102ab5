package org.swtdx.cpu.silicon;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.swtdx.cpu.core.Insn;

/**
 * Runs random instructions and short sequences of them on the processor underneath and on our
 * engine and compares everything. Arguments: number of cases, seed, and optionally a prefix of the
 * opcode keys to run ("map1.66") or "sequences" for nothing else. Without a prefix one case in
 * three is a sequence. Exit status 1 when anything differed.
 */
public final class SiliconComparison {
  /** AMD's misaligned-exception mask, which other processors refuse to load. */
  private static final int MISALIGNED_MASK = 1 << 17;

  private static final int EXAMPLES = Integer.getInteger("silicon.examples", 1);

  /** Seconds after which no further case begins. */
  private static final long SECONDS =
      Long.getLong("silicon.seconds", Long.MAX_VALUE / 2_000_000_000);

  private static final String SEQUENCES = "sequences";

  /** Counts and an example of one opcode's differences. */
  private static final class Finding {
    int count;
    String example = "";
  }

  /** Runs the comparison. */
  public static void main(String[] arguments) throws Throwable {
    long cases = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1_000_000;
    long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
    String filter = arguments.length > 2 ? arguments[2] : "";
    HostFeatures host = HostFeatures.detect();
    NativeProcessor silicon = new NativeProcessor();
    SoftProcessor soft = new SoftProcessor(silicon.scratchAddress());
    boolean onlySequences = filter.equals(SEQUENCES);
    CaseGenerator generator =
        new CaseGenerator(soft, silicon.scratchAddress(), seed, onlySequences ? "" : filter);
    System.out.printf("%d cases, seed %d, %d opcodes%n", cases, seed, generator.cells());
    SiliconComparison run = new SiliconComparison(generator, silicon, soft, host, seed);
    run.run(cases, onlySequences ? 1 : filter.isEmpty() ? 3 : 0);
    run.findings.forEach(
        (key, f) -> System.out.printf("%s: %d differ, first %s%n", key, f.count, f.example));
    System.out.printf(
        "%d cases, %d of them sequences, %d undefined, %d not on this processor, %d opcodes"
            + " differ%n",
        run.done, run.sequencesDone, run.undefined, run.missing, run.findings.size());
    System.exit(run.findings.isEmpty() ? 0 : 1);
  }

  private final CaseGenerator generator;
  private final SequenceGenerator sequences;
  private final NativeProcessor silicon;
  private final SoftProcessor soft;
  private final HostFeatures host;
  private final Map<String, Finding> findings = new TreeMap<>();
  private final MachineState before = new MachineState();
  private final MachineState ours = new MachineState();
  private final MachineState theirs = new MachineState();
  private long done;
  private long sequencesDone;
  private long undefined;
  private long missing;

  private SiliconComparison(
      CaseGenerator generator,
      NativeProcessor silicon,
      SoftProcessor soft,
      HostFeatures host,
      long seed) {
    this.generator = generator;
    this.silicon = silicon;
    this.soft = soft;
    this.host = host;
    sequences = new SequenceGenerator(generator, soft, new SplittableRandom(seed ^ 0x5e0));
  }

  private void run(long cases, int everySequence) throws Throwable {
    long end = System.nanoTime() + SECONDS * 1_000_000_000L;
    for (; done < cases && System.nanoTime() < end; done++) {
      if (everySequence != 0 && done % everySequence == 0) {
        sequence();
        sequencesDone++;
      } else {
        single();
      }
    }
  }

  private void single() throws Throwable {
    long rip = silicon.slotAddress();
    byte[] code = generator.next(before, rip);
    if (!host.deferredErrorsAgree()) {
      before.control |= 0x3f;
    }
    if (runBoth(code, rip)) {
      Compared last = new Compared(generator.cell, generator.insn, before);
      compare(code, last, generator.cell.key(generator.insn.extension()));
    }
  }

  private void sequence() throws Throwable {
    long rip = silicon.slotAddress();
    byte[] code = sequences.next(before, rip, !host.deferredErrorsAgree());
    if (runBoth(code, rip)) {
      Compared last = new Compared(sequences.lastCell, sequences.lastInsn, sequences.lastState);
      compare(code, last, SEQUENCES);
    }
  }

  /** Runs a case on both; false when there is nothing to compare. */
  private boolean runBoth(byte[] code, long rip) throws Throwable {
    soft.run(code, rip, before, ours);
    if (ours.signal == 4) {
      undefined++;
      return false;
    }
    MemorySegment.copy(
        before.memory, 0, silicon.scratch(), ValueLayout.JAVA_LONG, 0, before.memory.length);
    silicon.run(code, before, theirs);
    if (theirs.signal == 4 && !host.complete()) {
      missing++;
      return false;
    }
    return true;
  }

  /** The instruction that decides what is compared: the only one, or the last of a sequence. */
  private record Compared(CaseGenerator.Cell cell, Insn insn, MachineState state) {
    long operand() {
      long index = insn.index == Insn.NONE ? 0 : state.gpr[insn.index] << insn.scale;
      long base = insn.base == Insn.NONE ? 0 : state.gpr[insn.base];
      return base + index + insn.displacement & insn.addressMask;
    }
  }

  private void compare(byte[] code, Compared last, String key) {
    CaseGenerator.Cell cell = last.cell();
    Insn insn = last.insn();
    if (Exclusions.undefinedResult(cell, insn, last.state())
        || ours.signal == 11 && Exclusions.alignmentDiffers(cell)
        || (theirs.mxcsr & MISALIGNED_MASK) != 0) {
      return;
    }
    long flags = Exclusions.definedFlags(cell, insn, last.state());
    int status = Exclusions.definedStatus(cell, insn);
    ours.status &= status;
    theirs.status &= status;
    if (Exclusions.transcendental(cell, insn)) {
      ours.acceptNeighbours(theirs);
    }
    if (Exclusions.image(cell, insn)) {
      long at = last.operand() - silicon.scratchAddress();
      Images.mask(ours, at, cell, insn);
      Images.mask(theirs, at, cell, insn);
    }
    String difference = ours.difference(theirs, before, flags);
    if (!difference.isEmpty()) {
      Finding f = findings.computeIfAbsent(key, k -> new Finding());
      f.count++;
      if (f.count <= EXAMPLES) {
        f.example += example(code, difference);
      }
    }
  }

  private String example(byte[] code, String difference) {
    return "\n    "
        + HexFormat.of().formatHex(code)
        + difference
        + " mxcsr %x fcw %x fsw %x flags %x"
            .formatted(before.mxcsr, before.control, before.status, before.flags)
        + " st0 %x.%x st1 %x.%x"
            .formatted(
                before.signExponent[before.physical(0)],
                before.significand[before.physical(0)],
                before.signExponent[before.physical(1)],
                before.significand[before.physical(1)]);
  }
}
