package org.swtdx.exec;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.Signals;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.exec.linux.Tasks;

/**
 * The processes of one program that KVM knows. Those that have ended are forgotten now and then.
 */
final class LentProcesses {
  private static final int FEW = 64;

  private final Map<Integer, LentProcess> processes = new ConcurrentHashMap<>();
  private final IntFunction<LentProcess> factory;
  private volatile int most = FEW;

  /** Knows none yet; {@code factory} makes what a process is known by. */
  LentProcesses(IntFunction<LentProcess> factory) {
    this.factory = factory;
  }

  /** What a process is known by; null for no process. */
  @Nullable LentProcess of(@Nullable Integer pid) {
    if (pid == null) {
      return null;
    }
    LentProcess known = processes.get(pid);
    if (known != null) {
      return known;
    }
    if (processes.size() >= most) {
      forgetEnded();
    }
    return processes.computeIfAbsent(pid, factory::apply);
  }

  private synchronized void forgetEnded() {
    if (processes.size() >= most) {
      processes.values().removeIf(p -> !p.holdsFiles() && !Tasks.exists(p.pid()));
      most = Math.max(FEW, 2 * processes.size());
    }
  }

  /** Whether a process still has files of KVM's, or what belonged to them. */
  boolean holds(int pid) {
    LentProcess process = processes.get(pid);
    return process != null && process.holdsFiles();
  }

  /** Whether a process that has files of KVM's has not come to its end yet. */
  boolean areEnding() {
    return processes.values().stream().anyMatch(p -> p.holdsFiles() && Tasks.runs(p.pid()));
  }

  /** Kills every process that has files of KVM's. */
  void kill() {
    processes.forEach(
        (pid, process) -> {
          if (process.holdsFiles()) {
            Syscall.call(Syscall.KILL, pid, Signals.KILL);
          }
        });
  }
}
