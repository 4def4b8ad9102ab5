package org.swtdx.cpu.silicon;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs random instructions on the processor underneath and on our engine and compares everything.
 * Arguments: number of cases, seed, and optionally a prefix of the opcode keys to run ("map1.66").
 * Exit status 1 when anything differed.
 */
public final class SiliconComparison {
  /** AMD's misaligned-exception mask, which other processors refuse to load. */
  private static final int MISALIGNED_MASK = 1 << 17;

  private static final int EXAMPLES = Integer.getInteger("silicon.examples", 1);

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
    CaseGenerator generator = new CaseGenerator(soft, silicon.scratchAddress(), seed, filter);
    System.out.printf("%d cases, seed %d, %d opcodes%n", cases, seed, generator.cells());
    SiliconComparison run = new SiliconComparison(generator, silicon, soft, host);
    run.run(cases);
    run.findings.forEach(
        (key, f) -> System.out.printf("%s: %d differ, first %s%n", key, f.count, f.example));
    System.out.printf(
        "%d cases, %d undefined, %d not on this processor, %d opcodes differ%n",
        cases, run.undefined, run.missing, run.findings.size());
    System.exit(run.findings.isEmpty() ? 0 : 1);
  }

  private final CaseGenerator generator;
  private final NativeProcessor silicon;
  private final SoftProcessor soft;
  private final HostFeatures host;
  private final Map<String, Finding> findings = new TreeMap<>();
  private long undefined;
  private long missing;

  private SiliconComparison(
      CaseGenerator generator, NativeProcessor silicon, SoftProcessor soft, HostFeatures host) {
    this.generator = generator;
    this.silicon = silicon;
    this.soft = soft;
    this.host = host;
  }

  private void run(long cases) throws Throwable {
    MachineState before = new MachineState();
    MachineState ours = new MachineState();
    MachineState theirs = new MachineState();
    long rip = silicon.slotAddress();
    for (long n = 0; n < cases; n++) {
      byte[] code = generator.next(before, rip);
      if (!host.deferredErrorsAgree()) {
        before.control |= 0x3f;
      }
      soft.run(code, rip, before, ours);
      if (ours.signal == 4) {
        undefined++;
        continue;
      }
      MemorySegment.copy(
          before.memory, 0, silicon.scratch(), ValueLayout.JAVA_LONG, 0, before.memory.length);
      silicon.run(code, before, theirs);
      if (theirs.signal == 4 && !host.complete()) {
        missing++;
      } else {
        compare(code, before, ours, theirs);
      }
    }
  }

  private void compare(byte[] code, MachineState before, MachineState ours, MachineState theirs) {
    CaseGenerator g = generator;
    if (Exclusions.undefinedResult(g.cell, g.insn, before)
        || ours.signal == 11 && Exclusions.alignmentDiffers(g.cell)
        || (theirs.mxcsr & MISALIGNED_MASK) != 0) {
      return;
    }
    long flags = Exclusions.definedFlags(g.cell, g.insn, before);
    int status = Exclusions.definedStatus(g.cell, g.insn);
    ours.status &= status;
    theirs.status &= status;
    if (Exclusions.transcendental(g.cell, g.insn)) {
      ours.acceptNeighbours(theirs);
    }
    String difference = ours.difference(theirs, before, flags);
    if (!difference.isEmpty()) {
      Finding f = findings.computeIfAbsent(g.cell.key(g.insn.extension()), k -> new Finding());
      f.count++;
      if (f.count <= EXAMPLES) {
        f.example +=
            "\n    "
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
  }
}
