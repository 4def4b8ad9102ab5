package org.swtdx.seamcall;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.seamcall.port.SeamPort;
import org.swtdx.seamcall.port.SeamRegisters;

/** A port that records calls and answers from a script, then with success. */
final class FakeModule implements SeamPort, AutoCloseable {
  /** One call as it arrived. */
  record Call(long rax, long rcx, long rdx, long r8, long r9) {}

  /** One answer. */
  record Answer(long rax, long rcx, long rdx, long r8) {
    static Answer status(long rax) {
      return new Answer(rax, 0, 0, 0);
    }
  }

  final PhysicalMemory memory;
  final Platform platform;
  final List<Call> calls = new ArrayList<>();
  final Deque<Answer> script = new ArrayDeque<>();

  FakeModule(Cmr... cmrs) {
    memory =
        PhysicalMemory.create(
            PhysicalAddressLayout.DEFAULT,
            cmrs.length == 0 ? List.of(new Cmr(new Hpa(0), 1L << 30)) : List.of(cmrs));
    platform = new Platform(memory, Environment.system(1_000_000_000L), new PlatformEvents(), 2, 1);
  }

  TdxPlatform tdx() {
    SysInfo info =
        new SysInfo(
            "1.5.6",
            0,
            0,
            -1,
            64,
            16,
            List.of(16, 16, 16),
            6,
            6,
            -1,
            0,
            -1,
            3,
            576,
            List.of(),
            memory.cmrs());
    return new TdxPlatform(memory.layout(), new SeamcallGate(platform, this), info);
  }

  LogicalProcessor lp() {
    return platform.processors().getFirst();
  }

  @Override
  public void seamcall(LogicalProcessor lp, SeamRegisters regs) {
    calls.add(new Call(regs.rax, regs.rcx, regs.rdx, regs.r8, regs.r9));
    Answer answer = script.isEmpty() ? Answer.status(0) : script.removeFirst();
    regs.rax = answer.rax;
    regs.rcx = answer.rcx;
    regs.rdx = answer.rdx;
    regs.r8 = answer.r8;
  }

  @Override
  public void close() {
    memory.close();
  }
}
