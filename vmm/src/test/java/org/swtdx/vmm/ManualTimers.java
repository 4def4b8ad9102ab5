package org.swtdx.vmm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.swtdx.kvm.irqchip.ChipClock;

/** Alarms that ring as a test lets time pass. */
public final class ManualTimers implements ChipClock {
  private record Pending(long deadline, Runnable action) {}

  private final ManualEnvironment environment;
  private final List<Pending> pending = new ArrayList<>();

  public ManualTimers(ManualEnvironment environment) {
    this.environment = environment;
  }

  @Override
  public long nanoTime() {
    return environment.nanoTime();
  }

  @Override
  public Alarm at(long deadline, Runnable action) {
    Pending mine = new Pending(deadline, action);
    pending.add(mine);
    return () -> pending.remove(mine);
  }

  /** Lets time pass, alarm by alarm. */
  public void advance(long nanos) {
    long end = nanoTime() + nanos;
    for (Pending next = next(end); next != null; next = next(end)) {
      pending.remove(next);
      environment.advance(Math.max(0, next.deadline - nanoTime()));
      next.action.run();
    }
    environment.advance(end - nanoTime());
  }

  private Pending next(long end) {
    return pending.stream()
        .filter(p -> p.deadline <= end)
        .min(Comparator.comparingLong(Pending::deadline))
        .orElse(null);
  }
}
