package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TurnsTest {
  @Test
  void threadsThatHaveEndedAreForgotten() {
    Turns turns = new Turns(tid -> tid % 1000 == 0);
    for (int tid = 1; tid <= 100_000; tid++) {
      turns.of(tid);
      assertThat(turns.size()).isLessThan(1000);
    }
  }

  @Test
  void liveThreadsAreNot() {
    Turns turns = new Turns(_ -> true);
    Turns.Turn first = turns.of(1);
    for (int tid = 2; tid <= 3000; tid++) {
      turns.of(tid);
    }
    assertThat(turns.size()).isEqualTo(3000);
    assertThat(turns.of(1)).isSameAs(first);
  }
}
