package org.swtdx.cpu.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.testkit.Snippet;

class DecoderTest {
  private static final Handler ANYTHING = Handler.of((core, insn) -> {});

  /** Decodes with a table in which every legacy and VEX opcode exists. */
  private static Insn decode(int codeSize, String hex) {
    OpcodeTable table = new OpcodeTable();
    for (int map = 0; map < 4; map++) {
      for (int opcode = 0; opcode < 256; opcode++) {
        table.legacy(map, OpcodeTable.ANY, opcode, insn -> ANYTHING);
        table.vex(map, OpcodeTable.ANY, opcode, insn -> ANYTHING);
      }
    }
    return decode(table, codeSize, false, hex);
  }

  private static Insn decode(OpcodeTable table, int codeSize, boolean real, String hex) {
    byte[] bytes = java.util.Arrays.copyOf(HexFormat.of().parseHex(hex.replace(" ", "")), 32);
    return new Decoder(table).decode(at -> bytes[at] & 0xff, 0x1000, codeSize, real);
  }

  @ParameterizedTest
  @CsvSource({
    // code size, bytes, base, index, scale, displacement, segment
    "64, 8b 04 25 78 56 34 12, 16, 16, 0, 305419896, 3",
    "64, 8b 05 10 00 00 00, 16, 16, 0, 4118, 3",
    "64, 67 8b 05 10 00 00 00, 16, 16, 0, 4119, 3",
    "64, 8b 44 8d f0, 5, 1, 2, -16, 2",
    "64, 43 8b 44 e5 00, 13, 12, 3, 0, 3",
    "64, 8b 04 24, 4, 16, 0, 0, 2",
    "64, 41 8b 04 24, 12, 16, 0, 0, 3",
    "64, 64 8b 45 00, 5, 16, 0, 0, 4",
    "64, 36 8b 03, 3, 16, 0, 0, 3",
    "32, 36 8b 03, 3, 16, 0, 0, 2",
    "32, 8b 05 10 00 00 00, 16, 16, 0, 16, 3",
    "32, 67 8b 42 fe, 5, 6, 0, -2, 2",
    "16, 8b 00, 3, 6, 0, 0, 3",
    "16, 8b 06 34 12, 16, 16, 0, 4660, 3",
    "16, 8b 46 00, 5, 16, 0, 0, 2",
    "16, 67 8b 04 5a, 2, 3, 1, 0, 3",
  })
  void memoryOperandsHaveTheirParts(
      int codeSize, String hex, int base, int index, int scale, long displacement, int segment) {
    Insn insn = decode(codeSize, hex);

    assertThat(insn.memory).isTrue();
    assertThat(insn.base).isEqualTo(base);
    assertThat(insn.index).isEqualTo(index);
    assertThat(insn.scale).isEqualTo(scale);
    assertThat(insn.displacement).isEqualTo(displacement);
    assertThat(insn.segment).isEqualTo(segment);
  }

  @ParameterizedTest
  @CsvSource({
    "64, 48 01 c0, 8, 8",
    "64, 66 01 c0, 2, 8",
    "64, 66 48 01 c0, 8, 8",
    "64, 00 c0, 1, 8",
    "64, 50, 8, 8",
    "64, 66 50, 2, 8",
    "64, ff f0, 8, 8",
    "64, 67 e3 00, 8, 4",
    "64, 48 0f be c0, 8, 8",
    "32, 01 c0, 4, 4",
    "32, 66 67 01 00, 2, 2",
    "16, 01 c0, 2, 2",
    "16, 66 67 01 00, 4, 4",
  })
  void sizesFollowModeAndPrefixes(int codeSize, String hex, int size, int addressSize) {
    Insn insn = decode(codeSize, hex);

    assertThat(insn.size).isEqualTo(size);
    assertThat(insn.addressSize).isEqualTo(addressSize);
  }

  @ParameterizedTest
  @CsvSource({
    "64, 83 c0 ff, -1, 3",
    "64, 48 b8 88 77 66 55 44 33 22 11, 1234605616436508552, 10",
    "64, 48 c7 c0 ff ff ff ff, -1, 7",
    "64, 66 81 c0 00 80, -32768, 5",
    "64, eb fe, 4096, 2",
    "64, 66 e9 00 00 00 00, 4102, 6",
    "16, e9 fd ef, 0, 3",
    "32, c8 34 12 05, 4660, 4",
    "64, f6 c0 7f, 127, 3",
    "64, f6 d0, 0, 2",
  })
  void immediatesAreExtendedAndTargetsAbsolute(
      int codeSize, String hex, long immediate, int length) {
    Insn insn = decode(codeSize, hex);

    assertThat(insn.immediate).isEqualTo(immediate);
    assertThat(insn.length).isEqualTo(length);
  }

  @Test
  void rexCountsOnlyDirectlyBeforeTheOpcode() {
    Insn insn = decode(64, "48 66 01 c0");

    assertThat(insn.size).isEqualTo(2);
    assertThat(insn.has(Insn.REX)).isFalse();
    assertThat(insn.length).isEqualTo(4);
  }

  @Test
  void theLastRepeatPrefixWins() {
    assertThat(decode(64, "f2 f3 0f 10 c1").simdPrefix).isEqualTo(OpcodeTable.F3);
    assertThat(decode(64, "66 f2 0f 10 c1").simdPrefix).isEqualTo(OpcodeTable.F2);
    assertThat(decode(64, "66 0f 10 c1").simdPrefix).isEqualTo(OpcodeTable.P66);
  }

  @Test
  void threeByteVexGivesMapRegistersAndWidth() {
    Insn insn = decode(64, "c4 62 b5 00 c1");

    assertThat(insn.has(Insn.VEX)).isTrue();
    assertThat(insn.has(Insn.W)).isTrue();
    assertThat(insn.map).isEqualTo(OpcodeTable.MAP_0F38);
    assertThat(insn.reg).isEqualTo(8);
    assertThat(insn.rm).isEqualTo(1);
    assertThat(insn.vvvv).isEqualTo(9);
    assertThat(insn.vectorLength).isEqualTo(1);
    assertThat(insn.simdPrefix).isEqualTo(OpcodeTable.P66);
  }

  @Test
  void vexBytesWithAMemoryOperandAreLesAndLdsOutside64BitMode() {
    assertThat(decode(32, "c5 f8 28 c1").has(Insn.VEX)).isTrue();
    assertThat(decode(32, "c5 00").has(Insn.VEX)).isFalse();
    assertThat(decode(32, "c5 00").opcode).isEqualTo(0xc5);
    assertThat(decode(64, "c5 00 28 c1").has(Insn.VEX)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "64, f0 01 c0",
    "64, f0 03 00",
    "64, f0 39 00",
    "64, f0 90",
    "64, 06",
    "64, c4 e0 78 28 c1",
    "64, 66 c5 f8 28 c1",
    "64, f0 c5 f8 28 c1",
    "64, 48 c5 f8 28 c1",
    "64, 62 f1 7c 48 28 c1",
    "64, 0f ff c0",
    "64, 0f b9 c0",
    "64, 8d c0",
    "64, 82 c0 00",
    "64, 27",
    "32, 0f 0b",
  })
  void undefinedEncodingsRaiseUd(int codeSize, String hex) {
    try (Snippet snippet = codeSize == 64 ? Snippet.in64() : Snippet.in32()) {
      assertThat(snippet.run(hex)).isEqualTo(Core.UD);
      assertThat(snippet.core.rip).isEqualTo(Snippet.CODE);
    }
  }

  @Test
  void sixteenBytesAreTooLong() {
    try (Snippet snippet = Snippet.in64()) {
      assertThat(snippet.run("66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90")).isEqualTo(Core.GP);
      assertThat(snippet.core.faultErrorCode).isZero();
      assertThat(snippet.run("66 66 66 66 66 66 66 66 66 66 66 66 66 66 90")).isEqualTo(Core.UD);
      assertThat(snippet.core.rip).isEqualTo(Snippet.CODE + 15);
    }
  }

  @Test
  void laterRowsAreAskedWhenEarlierOnesDecline() {
    OpcodeTable table = new OpcodeTable();
    table.legacy(0, OpcodeTable.ANY, 0x63, insn -> insn.is64() ? ANYTHING : null);
    Handler other = Handler.of((core, insn) -> {});
    table.legacy(0, OpcodeTable.ANY, 0x63, insn -> other);

    assertThat(decode(table, 64, false, "63 c0").handler).isSameAs(ANYTHING);
    assertThat(decode(table, 32, false, "63 c0").handler).isSameAs(other);
  }

  @Test
  void stackSegmentIsTheDefaultForStackRegistersOnly() {
    assertThat(decode(64, "8b 45 00").segment).isEqualTo(SegmentRegister.SS);
    assertThat(decode(64, "8b 40 00").segment).isEqualTo(SegmentRegister.DS);
    assertThat(decode(16, "8b 02").segment).isEqualTo(SegmentRegister.SS);
  }
}
