package org.swtdx.fuzz.kvm;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.kvm.KvmHost;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;

/** A small machine with KVM and TDX, which scenarios use one after the other. */
final class KvmMachine {
  /** Scenarios between two looks at the threads, which are slow. */
  private static final int THREAD_CHECKS = 64;

  /** Stops a thread that runs a guest, again and again. */
  static final ScheduledExecutorService KICKER =
      Executors.newSingleThreadScheduledExecutor(daemon("fuzz-kicker"));

  /** Runs a guest while another thread issues ioctls. */
  static final ExecutorService RUNNER = Executors.newSingleThreadExecutor(daemon("fuzz-runner"));

  final KvmHost host;
  private final Set<Thread> threads = new HashSet<>();
  private int checks;

  KvmMachine() throws Exception {
    PhysicalMemory memory =
        PhysicalMemory.create(
            new PhysicalAddressLayout(52, 6, 31, 4), List.of(new Cmr(new Hpa(0), 1L << 30)));
    host =
        KvmHost.start(
            new Platform(memory, Environment.system(1_000_000_000L), new PlatformEvents(), 1, 2));
    if (host.tdxUnavailable().isPresent()) {
      throw new IllegalStateException(host.tdxUnavailable().get());
    }
    KICKER.submit(() -> {}).get();
    RUNNER.submit(() -> {}).get();
  }

  private static ThreadFactory daemon(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Fails unless everything was given back. */
  void check() {
    if (host.outstandingFrames() != 0 || host.outstandingKeyIds() != 0) {
      throw new IllegalStateException(
          "%d frames and %d KeyIDs were not given back"
              .formatted(host.outstandingFrames(), host.outstandingKeyIds()));
    }
    if (checks++ % THREAD_CHECKS == 0) {
      checkThreads();
    }
  }

  /** One thread for timers comes and goes; all others were there at the first look. */
  private void checkThreads() {
    Set<Thread> now = new HashSet<>(Thread.getAllStackTraces().keySet());
    now.removeIf(thread -> thread.getName().equals("kvm-timers"));
    if (threads.isEmpty()) {
      threads.addAll(now);
    }
    now.removeAll(threads);
    now.removeIf(thread -> !thread.isAlive() || thread.isVirtual());
    if (!now.isEmpty()) {
      throw new IllegalStateException("threads were left: " + now);
    }
  }
}
