package org.swtdx.cpu.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.cpu.SegmentRegister;
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

  /** A 16-bit segment of 64 KiB or less at DATA, which begins {@code shift} into a page. */
  private static void segment(Snippet s, int segment, int rights, int limit, int shift) {
    s.core.segmentBase[segment] = Snippet.DATA + shift;
    s.core.segmentLimit[segment] = limit;
    s.core.accessRights[segment] = rights;
    s.core.modeChanged();
  }

  @ParameterizedTest
  @CsvSource({
    "67 f3 aa, 0x80f3, 0x17ff, 0x1000, 0x1000, 0x800", // to the limit
    "67 f3 66 ab, 0x80f3, 0x17fe, 0x1000, 0x1000, 0x3ff", // the last word crosses it
    "67 f3 aa, 0x80f3, 0xffff, 0xf000, 0x1800, 0x1800", // the offset goes on at 0
    "67 f3 66 ab, 0x80f3, 0xffff, 0xf001, 0x0fff, 0x07ff", // a word does not
    "67 f3 aa, 0x80f7, 0x0fff, 0x0ff0, 0x0020, 0", // expands down: below is nothing
    "67 f3 aa, 0x80f7, 0x0fff, 0x1000, 0xf800, 0xf000" // all above is
  })
  void repeatedStoresEndWithTheirSegment(
      String code, int rights, int limit, int offset, int count, int stored) {
    try (Snippet s = Snippet.in32()) {
      segment(s, SegmentRegister.ES, rights, limit, 0);
      s.core.gpr[RAX] = 0x5a5a;
      s.core.gpr[RDI] = offset;
      s.core.gpr[RCX] = count;

      int vector = s.run(code);

      int size = code.endsWith("b") ? 2 : 1;
      assertThat(vector).isEqualTo(stored == count ? Core.UD : Core.GP);
      assertThat(s.core.gpr[RCX]).isEqualTo(count - stored);
      assertThat(s.core.gpr[RDI]).isEqualTo(offset + stored * size & 0xffff);
      byte[] expected = new byte[0x20000];
      for (int i = 0; i < stored * size; i++) {
        expected[offset + i & 0xffff] = 0x5a;
      }
      assertThat(s.memory.read(Snippet.DATA, expected.length)).isEqualTo(expected);
    }
  }

  /** Element by element, as without shortcuts. */
  private static int runInSteps(Snippet s, String code) {
    s.load(HexFormat.of().parseHex(code.replace(" ", "")));
    s.core.rip = Snippet.CODE;
    while (!s.step()) {
      s.core.attention = false;
    }
    return s.core.faultVector;
  }

  @Test
  void segmentsOfAnyKindEqualSingleElements() {
    Random random = new Random(7);
    String[] codes = {
      "67 f3 a4", "67 f3 a5", "67 f3 66 a5", "67 f3 aa", "67 f3 ab", "f3 66 ab", "f3 a4"
    };
    int[] kinds = {0x80f3, 0xc0f3, 0x80f7, 0xc0f7, 0x80f1, 0x80fb, 0x10000};
    for (int round = 0; round < 400; round++) {
      long seed = random.nextLong();
      try (Snippet fast = Snippet.in32();
          Snippet slow = Snippet.in32()) {
        String code = codes[random.nextInt(codes.length)];
        int vector = prepare(fast, kinds, new Random(seed)).run(code);
        int expected = runInSteps(prepare(slow, kinds, new Random(seed)), code);
        assertThat(vector).as("%s, seed %d", code, seed).isEqualTo(expected);
        assertThat(fast.core.gpr).as("%s, seed %d", code, seed).isEqualTo(slow.core.gpr);
        assertThat(fast.core.cr2).isEqualTo(slow.core.cr2);
        assertThat(fast.memory.read(Snippet.DATA, 0x20000))
            .as("%s, seed %d", code, seed)
            .isEqualTo(slow.memory.read(Snippet.DATA, 0x20000));
      }
    }
  }

  private static Snippet prepare(Snippet s, int[] kinds, Random random) {
    byte[] data = new byte[0x20000];
    random.nextBytes(data);
    s.memory.write(Snippet.DATA, data);
    for (int segment : new int[] {SegmentRegister.ES, SegmentRegister.DS}) {
      int kind = random.nextInt(4) == 0 ? kinds[random.nextInt(kinds.length)] : 0x80f3;
      int limit = random.nextBoolean() ? 0xffff : random.nextInt(0x10000);
      segment(s, segment, kind, limit, random.nextInt(0x3000));
    }
    s.core.gpr[RAX] = random.nextInt();
    s.core.gpr[RCX] = random.nextInt(0x1800);
    s.core.gpr[RSI] = random.nextInt(0x10000);
    s.core.gpr[RDI] = random.nextBoolean() ? random.nextInt(0x10000) : s.core.gpr[RSI] + 1;
    return s;
  }
}
