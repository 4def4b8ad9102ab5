package org.swtdx.vmm.device;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.swtdx.cpu.Environment;
import org.swtdx.kvm.irqchip.ChipClock;
import org.swtdx.vmm.bus.SystemBus;

/** The machine's clock for devices with timers; alarms run on a thread of it, on the bus's lock. */
public final class DeviceTimers implements ChipClock, AutoCloseable {
  private final Environment environment;
  private final SystemBus bus;
  private final ScheduledThreadPoolExecutor executor;

  /**
   * Creates a clock; its thread starts with the first alarm.
   *
   * @param environment time
   * @param bus whose lock guards the devices
   */
  public DeviceTimers(Environment environment, SystemBus bus) {
    this.environment = environment;
    this.bus = bus;
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "device-timers");
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
    executor.setKeepAliveTime(1, TimeUnit.SECONDS);
    executor.allowCoreThreadTimeOut(true);
  }

  @Override
  public long nanoTime() {
    return environment.nanoTime();
  }

  @Override
  public Alarm at(long deadline, Runnable action) {
    if (executor.isShutdown()) {
      return () -> {};
    }
    Future<?> pending =
        executor.schedule(
            () -> bus.serialized(action), Math.max(0, deadline - nanoTime()), TimeUnit.NANOSECONDS);
    return () -> pending.cancel(false);
  }

  /** No alarm rings any more. */
  @Override
  public void close() {
    bus.serialized(executor::shutdownNow);
  }
}
