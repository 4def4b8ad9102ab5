package org.swtdx.attestation.tdvf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.attestation.tdvf.TdvfException.Problem;

class TdvfImageTest {
  @Test
  void guidedTableLeadsToTheSections() throws Exception {
    TdvfImage image = TdvfImage.parse(TdvfImageBuilder.ordinary().build());

    assertThat(image.locator()).isEqualTo(TdvfImage.Locator.GUIDED_TABLE);
    assertThat(image.sections())
        .extracting(TdvfSection::type)
        .containsExactly(
            SectionType.BFV, SectionType.CFV, SectionType.TEMP_MEM, SectionType.TD_HOB);
    assertThat(image.sections().getFirst())
        .isEqualTo(new TdvfSection(0, SectionType.BFV, 0x1000, 0xf000, 0xffff1000L, 0xf000, 1));
    assertThat(image.tdHob().gpa()).isEqualTo(0x809000);
    assertThat(image.remarks()).isEmpty();
  }

  @Test
  void fixedOffsetLeadsToTheSections() throws Exception {
    TdvfImage image = TdvfImage.parse(TdvfImageBuilder.ordinary().atFixedOffset().build());

    assertThat(image.locator()).isEqualTo(TdvfImage.Locator.FIXED_OFFSET);
    assertThat(image.sections()).hasSize(4);
  }

  @Test
  void allSectionTypesAreUnderstood() throws Exception {
    byte[] bytes =
        TdvfImageBuilder.ordinary()
            .section(0, 0, 0x900000, 0x1000, 4, 2)
            .section(0x2000, 0x800, 0xa00000, 0x1000, 5, 0)
            .section(0, 0, 0xb00000, 0x1000, 6, 0)
            .section(0x3000, 0x200, 0, 0, 7, 0)
            .section(0x4000, 0x100, 0, 0, 8, 0)
            .build();

    List<TdvfSection> sections = TdvfImage.parse(bytes).sections();

    assertThat(sections)
        .extracting(s -> s.type().code())
        .containsExactly(0, 1, 3, 2, 4, 5, 6, 7, 8);
    assertThat(sections.get(4).augmented()).isTrue();
    assertThat(sections.get(4).measured()).isFalse();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource
  void inconsistencyIsReportedInOneLine(Problem problem, String words, byte[] bytes) {
    TdvfException e = catchThrowableOfType(TdvfException.class, () -> TdvfImage.parse(bytes));

    assertThat(e).isNotNull();
    assertThat(e.problem()).isEqualTo(problem);
    assertThat(e).hasMessageContaining(words);
    assertThat(e.getMessage()).doesNotContain("\n").isEqualTo(e.reason() + "; " + e.remedy());
  }

  static Stream<Arguments> inconsistencyIsReportedInOneLine() {
    return Stream.of(
        row(Problem.NO_TDX_METADATA, "no TDX metadata", new byte[4096]),
        row(Problem.TRUNCATED, "only 16 bytes", new byte[16]),
        row(Problem.TOO_LARGE, "16 MiB", new byte[(16 << 20) + 1]),
        row(Problem.NO_TDX_METADATA, "no TDX metadata", truncatedAtEnd()),
        row(Problem.BROKEN_METADATA, "version 2", ordinary().version(2)),
        row(Problem.BROKEN_METADATA, "does not match 4", ordinary().lengthError(8)),
        row(Problem.BROKEN_METADATA, "no TDVF signature", ordinary().signature(7)),
        row(Problem.BROKEN_METADATA, "points outside", ordinary().offsetFromEnd(0x7fffffff)),
        row(Problem.BROKEN_METADATA, "points outside", ordinary().offsetFromEnd(-1)),
        row(Problem.BROKEN_METADATA, "points outside", ordinary().offsetFromEnd(0)),
        row(Problem.NO_TDX_METADATA, "no TDX", ordinary().atFixedOffset().offsetFromEnd(-1)),
        row(Problem.BROKEN_METADATA, "GUIDed table length", brokenTable()),
        row(Problem.TRUNCATED, "past the end", manySections()),
        row(Problem.NO_TD_HOB, "no TD_HOB", ordinary().without(2)),
        row(Problem.NO_TD_HOB, "2 TD_HOB", ordinary().section(0, 0, 0x1000, 0x1000, 2, 0)),
        row(Problem.NO_BFV, "no BFV", ordinary().without(0)),
        row(Problem.MISALIGNED, "address 0x810800", ordinary().field(2, 2, 0x810800)),
        row(Problem.MISALIGNED, "size 0x4001", ordinary().field(2, 3, 0x4001)),
        row(Problem.OVERLAP, "(TempMem) and section 3", ordinary().field(2, 2, 0x806000)),
        row(Problem.BROKEN_SECTION, "unknown type 9", ordinary().field(2, 4, 9)),
        row(Problem.BROKEN_SECTION, "unknown attributes", ordinary().field(2, 5, 4)),
        row(Problem.BROKEN_SECTION, "no memory", ordinary().field(2, 3, 0)),
        row(Problem.BROKEN_SECTION, "no contents", ordinary().field(0, 1, 0)),
        row(Problem.BROKEN_SECTION, "must not have", ordinary().field(2, 1, 1)),
        row(Problem.BROKEN_SECTION, "bytes of contents", ordinary().field(1, 1, 0x1001)),
        row(Problem.BROKEN_SECTION, "address space", ordinary().field(2, 2, -0x4000)),
        row(Problem.BROKEN_SECTION, "address space", ordinary().field(2, 3, 1L << 52)),
        row(Problem.BROKEN_SECTION, "above 4 GiB", ordinary().field(2, 3, 0x100001000L)),
        row(Problem.BROKEN_SECTION, "after measurement", ordinary().field(2, 5, 3)),
        row(Problem.BROKEN_SECTION, "claims guest memory", ordinary().field(2, 4, 7)));
  }

  @Test
  void contentsBehindTheEndAreARemarkAndNotComplete() throws Exception {
    byte[] whole = TdvfImageBuilder.ordinary().build();
    TdvfImage code = TdvfImage.parse(Arrays.copyOfRange(whole, 0x1000, whole.length));

    assertThat(code.remarks()).singleElement().asString().contains("section 0 (BFV) needs bytes");
    assertThat(catchThrowableOfType(TdvfException.class, code::requireComplete).problem())
        .isEqualTo(Problem.TRUNCATED);
  }

  @Test
  void sectionOutsideTheMachineIsNamed() throws Exception {
    TdvfImage image = TdvfImage.parse(TdvfImageBuilder.ordinary().build());
    Map<Long, Long> rom = Map.of(0xffff0000L, 1L << 32, 0L, 0x813000L);
    Map<Long, Long> enough = Map.of(0xffff0000L, 1L << 32, 0L, 0x814000L);

    image.requireInside(enough);
    TdvfException e = catchThrowableOfType(TdvfException.class, () -> image.requireInside(rom));

    assertThat(e.problem()).isEqualTo(Problem.OUTSIDE_RAM);
    assertThat(e).hasMessageContaining("section 2 (TempMem) at 0x810000..0x814000");
  }

  @Test
  void pagesAreContentsThenZeros() throws Exception {
    byte[] bytes = TdvfImageBuilder.ordinary().field(1, 1, 0x123).build();
    TdvfImage image = TdvfImage.parse(bytes);
    byte[] page = new byte[4096];
    Arrays.fill(page, (byte) 0x55);

    image.copyPage(image.sections().get(1), 0, page, 0);

    assertThat(Arrays.copyOf(page, 0x123)).isEqualTo(Arrays.copyOf(bytes, 0x123));
    assertThat(Arrays.copyOfRange(page, 0x123, 4096)).containsOnly(0);
  }

  @Test
  void damagedImageIsRefusedOrReadNeverAnythingElse() {
    byte[] good = ordinary().build();
    Random random = new Random(11);
    int refused = 0;
    for (int i = 0; i < 5000; i++) {
      byte[] bytes = good.clone();
      int area = random.nextBoolean() ? good.length - 0x800 : good.length - 0x70;
      int span = area == good.length - 0x70 ? 0x70 : 0x90;
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        bytes[area + random.nextInt(span)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        TdvfImage image = TdvfImage.parse(bytes);
        byte[] page = new byte[4096];
        image.sections().forEach(s -> image.copyPage(s, 0, page, 0));
      } catch (TdvfException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(1000, 4999);
  }

  private static TdvfImageBuilder ordinary() {
    return TdvfImageBuilder.ordinary();
  }

  private static byte[] truncatedAtEnd() {
    return Arrays.copyOf(ordinary().build(), 0xf000);
  }

  private static byte[] brokenTable() {
    byte[] bytes = ordinary().build();
    bytes[bytes.length - 0x20 - 18] = 3;
    bytes[bytes.length - 0x20 - 17] = 0;
    return bytes;
  }

  private static byte[] manySections() {
    TdvfImageBuilder builder = ordinary();
    byte[] bytes = builder.build();
    int at = bytes.length - 0x800;
    int count = 1000;
    java.nio.ByteBuffer.wrap(bytes)
        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .putInt(at + 4, 16 + 32 * count)
        .putInt(at + 12, count);
    return bytes;
  }

  private static Arguments row(Problem problem, String words, TdvfImageBuilder image) {
    return row(problem, words, image.build());
  }

  private static Arguments row(Problem problem, String words, byte[] image) {
    return Arguments.of(problem, words, image);
  }
}
