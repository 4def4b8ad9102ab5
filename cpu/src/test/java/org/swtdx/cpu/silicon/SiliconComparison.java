package org.swtdx.cpu.silicon;

import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs random instructions on the processor underneath and on our engine and compares everything.
 * Arguments: number of cases, seed, and optionally a prefix of the opcode keys to run ("map1.66").
 * Exit status 1 when anything differed.
 */
public final class SiliconComparison {
  private static final int EXAMPLES = Integer.getInteger("silicon.examples", 1);

  private SiliconComparison() {}

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
    NativeProcessor silicon = new NativeProcessor();
    SoftProcessor soft = new SoftProcessor(silicon.scratchAddress());
    CaseGenerator generator = new CaseGenerator(soft, silicon.scratchAddress(), seed, filter);
    System.out.printf("%d cases, seed %d, %d opcodes%n", cases, seed, generator.cells());
    Map<String, Finding> findings = new TreeMap<>();
    long undefined = run(cases, generator, silicon, soft, findings);
    findings.forEach(
        (key, f) -> System.out.printf("%s: %d differ, first %s%n", key, f.count, f.example));
    System.out.printf(
        "%d cases, %d skipped as undefined here, %d opcodes differ%n",
        cases, undefined, findings.size());
    System.exit(findings.isEmpty() ? 0 : 1);
  }

  private static long run(
      long cases,
      CaseGenerator generator,
      NativeProcessor silicon,
      SoftProcessor soft,
      Map<String, Finding> findings)
      throws Throwable {
    MachineState before = new MachineState();
    MachineState ours = new MachineState();
    MachineState theirs = new MachineState();
    long rip = silicon.slotAddress();
    long undefined = 0;
    for (long n = 0; n < cases; n++) {
      byte[] code = generator.next(before, rip);
      soft.run(code, rip, before, ours);
      if (ours.signal == 4) {
        undefined++;
        continue;
      }
      java.lang.foreign.MemorySegment.copy(
          before.memory,
          0,
          silicon.scratch(),
          java.lang.foreign.ValueLayout.JAVA_LONG,
          0,
          before.memory.length);
      silicon.run(code, before, theirs);
      compare(generator, code, before, ours, theirs, findings);
    }
    return undefined;
  }

  private static void compare(
      CaseGenerator g,
      byte[] code,
      MachineState before,
      MachineState ours,
      MachineState theirs,
      Map<String, Finding> findings) {
    if (Exclusions.undefinedResult(g.cell, g.insn, before)
        || ours.signal == 11 && Exclusions.alignmentDiffers(g.cell)) {
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
