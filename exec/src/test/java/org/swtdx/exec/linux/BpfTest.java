package org.swtdx.exec.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class BpfTest {
  @Test
  void jumpsAreDistancesToTheirPlaces() {
    Bpf program =
        new Bpf()
            .loadNumber()
            .ifEqual(16, "notify")
            .unlessEqual(9, "allow")
            .place("notify")
            .verdict(Bpf.NOTIFY)
            .place("allow")
            .verdict(Bpf.ALLOW);

    try (Arena arena = Arena.ofConfined()) {
      MemorySegment code = program.assemble(arena);
      assertThat(code.byteSize()).isEqualTo(5 * 8);
      assertThat(code.get(ValueLayout.JAVA_BYTE, 8 + 2)).isEqualTo((byte) 1);
      assertThat(code.get(ValueLayout.JAVA_BYTE, 8 + 3)).isZero();
      assertThat(code.get(ValueLayout.JAVA_BYTE, 16 + 3)).isEqualTo((byte) 1);
      assertThat(code.get(ValueLayout.JAVA_INT, 24 + 4)).isEqualTo(Bpf.NOTIFY);
    }
  }

  @Test
  void placesMustLieAhead() {
    Bpf program = new Bpf().place("back").loadArch().ifEqual(0, "back").verdict(Bpf.ALLOW);

    try (Arena arena = Arena.ofConfined()) {
      assertThatIllegalStateException()
          .isThrownBy(() -> program.assemble(arena))
          .withMessageContaining("back");
    }
  }
}
