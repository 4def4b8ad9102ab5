package org.swtdx.cpu.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.testkit.Snippet;

class StringInstructionTest {
  private static final int RAX = 0, RCX = 1, RSI = 6, RDI = 7;

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(6).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(strings = {"f3 a4", "f3 66 a5", "f3 a5", "f3 48 a5"})
  void repeatedMovesEqualSingleOnes(String code) {
    int size = code.equals("f3 a4") ? 1 : code.contains("66") ? 2 : code.contains("48") ? 8 : 4;
    int[] distances = {-4099, -8, -3, -1, 1, 2, 3, 7, 8, 13, 4096, 5001};
    for (int distance : distances) {
      try (Snippet s = Snippet.in64()) {
        byte[] data = random(0x8000);
        s.memory.write(Snippet.DATA, data);
        int count = 5000 / size;
        for (int i = 0; i < count * size; i += size) {
          System.arraycopy(data, 0x2003 + i, data, 0x2003 + distance + i, size);
        }
        s.core.gpr[RSI] = Snippet.DATA + 0x2003;
        s.core.gpr[RDI] = Snippet.DATA + 0x2003 + distance;
        s.core.gpr[RCX] = count;
        assertThat(s.run(code)).isEqualTo(Core.UD);
        assertThat(s.memory.read(Snippet.DATA, data.length)).isEqualTo(data);
        assertThat(s.core.gpr[RCX]).isZero();
        assertThat(s.core.gpr[RSI]).isEqualTo(Snippet.DATA + 0x2003 + (long) count * size);
      }
    }
  }

  @Test
  void movesGoDownWithTheDirectionFlag() {
    try (Snippet s = Snippet.in64()) {
      s.memory.write(Snippet.DATA, new byte[] {1, 2, 3, 4});
      s.core.gpr[RSI] = Snippet.DATA + 3;
      s.core.gpr[RDI] = Snippet.DATA + 4;
      s.core.gpr[RCX] = 4;
      s.run("fd f3 a4");
      assertThat(s.memory.read(Snippet.DATA, 5)).containsExactly(1, 1, 2, 3, 4);
    }
  }

  @Test
  void fillsWriteEveryElementAndNoMore() {
    try (Snippet s = Snippet.in64()) {
      s.core.gpr[RAX] = 0x11223344;
      s.core.gpr[RDI] = Snippet.DATA + 0xffe;
      s.core.gpr[RCX] = 0x801;
      s.run("f3 ab");
      assertThat(s.core.load16(Snippet.DATA + 0xffc)).isZero();
      for (int i = 0; i < 0x801; i++) {
        assertThat(s.core.load32(Snippet.DATA + 0xffe + 4 * i)).isEqualTo(0x11223344);
      }
      assertThat(s.core.load32(Snippet.DATA + 0xffe + 4 * 0x801)).isZero();
    }
  }

  @Test
  void aFaultLeavesTheProgressInTheRegisters() {
    try (Snippet s = Snippet.in64()) {
      s.core.gpr[RDI] = Snippet.END - 10;
      s.core.gpr[RCX] = 100;
      assertThat(s.run("f3 aa")).isEqualTo(Core.PF);
      assertThat(s.core.cr2).isEqualTo(Snippet.END);
      assertThat(s.core.gpr[RCX]).isEqualTo(90);
      assertThat(s.core.gpr[RDI]).isEqualTo(Snippet.END);
      assertThat(s.core.rip).isEqualTo(Snippet.CODE);
    }
  }

  @Test
  void aCountOfZeroTouchesNothing() {
    try (Snippet s = Snippet.in64()) {
      s.core.gpr[RDI] = 0;
      assertThat(s.run("f3 aa f3 a6 f2 ae")).isEqualTo(Core.UD);
      assertThat(s.core.gpr[RDI]).isZero();
    }
  }

  @Test
  void attentionInterruptsBetweenIterations() {
    try (Snippet s = Snippet.in64()) {
      s.load(new byte[] {(byte) 0xf3, (byte) 0xac});
      s.core.gpr[RCX] = 100_000;
      s.core.gpr[RSI] = Snippet.DATA;
      s.core.rip = Snippet.CODE;
      int rounds = 1;
      while (!s.step() && s.core.rip == Snippet.CODE && rounds < 10) {
        rounds++;
      }
      assertThat(s.core.gpr[RCX]).isEqualTo(100_000 - 10);
      assertThat(s.resume()).isEqualTo(Core.UD);
      assertThat(s.core.gpr[RSI]).isEqualTo(Snippet.DATA + 100_000);
    }
  }

  @Test
  void comparesStopAtTheFirstDifference() {
    try (Snippet s = Snippet.in64()) {
      s.memory.write(Snippet.DATA, "abcdefgh".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      s.memory.write(
          Snippet.DATA + 0x100, "abcdXfgh".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      s.core.gpr[RCX] = 8;
      s.run("f3 a6");
      assertThat(s.core.gpr[RCX]).isEqualTo(3);
      assertThat(s.core.gpr[RSI]).isEqualTo(Snippet.DATA + 5);
      assertThat(s.core.flags.status() & (Flags.ZF | Flags.CF)).isZero();
      s.core.gpr[RAX] = 'g';
      s.core.gpr[RCX] = 100;
      s.core.gpr[RDI] = Snippet.DATA;
      s.run("f2 ae");
      assertThat(s.core.gpr[RDI]).isEqualTo(Snippet.DATA + 7);
      assertThat(s.core.flags.zf()).isTrue();
    }
  }

  @Test
  void addressSize32UsesAndClearsTheUpperHalves() {
    try (Snippet s = Snippet.in64()) {
      s.core.gpr[RDI] = 0xaaaa_0000_0000L | Snippet.DATA;
      s.core.gpr[RCX] = 0xbbbb_0000_0002L;
      s.core.gpr[RAX] = 0x5a;
      s.run("67 f3 aa");
      assertThat(s.core.gpr[RDI]).isEqualTo(Snippet.DATA + 2);
      assertThat(s.core.gpr[RCX]).isZero();
      assertThat(s.core.load32(Snippet.DATA)).isEqualTo(0x5a5a);
    }
  }
}
