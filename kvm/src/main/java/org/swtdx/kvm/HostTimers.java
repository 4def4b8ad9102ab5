package org.swtdx.kvm;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.swtdx.cpu.Environment;

/** The host's high-resolution timers: run a short action at a time of the platform's clock. */
final class HostTimers {
  private final Environment environment;
  private final ScheduledThreadPoolExecutor executor;

  HostTimers(Environment environment) {
    this.environment = environment;
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "kvm-timers");
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
    executor.setKeepAliveTime(1, TimeUnit.SECONDS);
    executor.allowCoreThreadTimeOut(true);
  }

  /** Nanoseconds of the platform's monotonic clock. */
  long now() {
    return environment.nanoTime();
  }

  /** Runs {@code action} once the clock reaches {@code deadline}; at once if it has. */
  Future<?> at(long deadline, Runnable action) {
    return executor.schedule(action, Math.max(0, deadline - now()), TimeUnit.NANOSECONDS);
  }
}
