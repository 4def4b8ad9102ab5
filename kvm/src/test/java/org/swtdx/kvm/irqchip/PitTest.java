package org.swtdx.kvm.irqchip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The 8254, with a clock that tests move. */
class PitTest {
  /** A clock whose alarms ring as it is moved over them. */
  private static final class ManualClock implements ChipClock {
    private record Pending(long deadline, Runnable action) {}

    private final List<Pending> pending = new ArrayList<>();
    private long now = 1_000_000;

    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public Alarm at(long deadline, Runnable action) {
      Pending mine = new Pending(deadline, action);
      pending.add(mine);
      return () -> pending.remove(mine);
    }

    void advance(long nanos) {
      long end = now + nanos;
      while (true) {
        Pending next =
            pending.stream()
                .filter(p -> p.deadline <= end)
                .min(Comparator.comparingLong(Pending::deadline))
                .orElse(null);
        if (next == null) {
          break;
        }
        pending.remove(next);
        now = Math.max(now, next.deadline);
        next.action.run();
      }
      now = end;
    }
  }

  private static final long MILLISECOND = 1_000_000;

  private final ManualClock clock = new ManualClock();
  private int edges;
  private boolean level;
  private final Pit pit =
      new Pit(
          clock,
          active -> {
            edges += active && !level ? 1 : 0;
            level = active;
          });

  private void program(int command, int port, int count) {
    pit.writePort(0x43, command);
    pit.writePort(port, count & 0xff);
    pit.writePort(port, count >>> 8);
  }

  private int read16(int port) {
    return pit.readPort(port) | pit.readPort(port) << 8;
  }

  @Test
  void rateGeneratorsRaiseOneEdgePerPeriod() {
    for (int command : new int[] {0x34, 0x36}) {
      edges = 0;
      program(command, 0x40, 1193); // a millisecond
      clock.advance(100 * MILLISECOND + MILLISECOND / 2);
      assertThat(edges).as("command 0x%x", command).isBetween(99, 101);
    }
  }

  @Test
  void terminalCountRaisesTheLineOnceAndKeepsItUp() {
    program(0x30, 0x40, 1193);
    assertThat(level).isFalse();

    clock.advance(2 * MILLISECOND);

    assertThat(edges).isEqualTo(1);
    assertThat(level).isTrue();
    clock.advance(100 * MILLISECOND);
    assertThat(edges).isEqualTo(1);
    program(0x30, 0x40, 1193);
    assertThat(level).isFalse();
  }

  @Test
  void aNewControlWordStopsTheTicks() {
    program(0x34, 0x40, 1193);
    pit.writePort(0x43, 0x34);
    clock.advance(10 * MILLISECOND);
    assertThat(edges).isZero();
  }

  @Test
  void countersCountDownAndCanBeLatched() {
    program(0x74, 0x41, 11932); // 10 ms
    clock.advance(5 * MILLISECOND);
    pit.writePort(0x43, 0x40);
    clock.advance(2 * MILLISECOND);

    assertThat(read16(0x41)).isBetween(5965, 5968);
    assertThat(read16(0x41)).isBetween(3578, 3582);
  }

  @Test
  void readBackLatchesStatusThenCount() {
    program(0x74, 0x41, 11932);

    pit.writePort(0x43, 0xc4); // status and count of channel 1

    assertThat(pit.readPort(0x41)).isEqualTo(0x80 | 0x34);
    assertThat(read16(0x41)).isEqualTo(11932);
  }

  @Test
  void decimalCountsWrapAtTenThousand() {
    program(0x71, 0x41, 0x1000); // mode 0, BCD
    clock.advance(PitChannel.nanos(999) + 100);
    assertThat(read16(0x41)).isEqualTo(1);
    clock.advance(PitChannel.nanos(3));
    assertThat(read16(0x41)).isEqualTo(0x9998);
  }

  @Test
  void theGateOfChannelTwoStopsItAndPort61ShowsItsOutput() {
    pit.writePort(0x61, 0);
    program(0xb0, 0x42, 1193);
    clock.advance(10 * MILLISECOND);
    assertThat(pit.readPort(0x61) & 0x21).isZero();

    pit.writePort(0x61, 1);
    clock.advance(MILLISECOND / 2);
    assertThat(pit.readPort(0x61) & 0x21).isEqualTo(1);
    clock.advance(MILLISECOND);
    assertThat(pit.readPort(0x61) & 0x21).isEqualTo(0x21);
  }

  @Test
  void aSavedChannelGoesOn() {
    program(0x34, 0x40, 1193);
    Pit other = new Pit(clock, active -> edges += active ? 1 : 0);
    other.channel(0).load(pit.channel(0).save());
    pit.stop();
    other.restart();

    clock.advance(10 * MILLISECOND + MILLISECOND / 2);

    assertThat(edges).isEqualTo(10);
    assertThat(other.channel(0).save()).isEqualTo(pit.channel(0).save());
  }
}
