package org.swtdx.vmm.hob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.swtdx.vmm.VmmException;

class TdHobTest {
  private static RamRange added(long start, long length) {
    return new RamRange(start, length, true);
  }

  private static RamRange free(long start, long end) {
    return new RamRange(start, end - start, false);
  }

  @Test
  void ramIsSplitAroundWhatWasAdded() {
    List<RamRange> ram = List.of(free(0, 0x80000000L), free(1L << 32, 5L << 30));
    List<RamRange> sections =
        List.of(
            added(0x810000, 0x10000),
            added(0x80b000, 0x2000),
            added(0x809000, 0x2000),
            added(0x800000, 0x6000),
            added(0xffe00000L, 0x200000));

    assertThat(RamRange.split(ram, sections))
        .containsExactly(
            free(0, 0x800000),
            added(0x800000, 0x6000),
            free(0x806000, 0x809000),
            added(0x809000, 0x2000),
            added(0x80b000, 0x2000),
            free(0x80d000, 0x810000),
            added(0x810000, 0x10000),
            free(0x820000, 0x80000000L),
            free(1L << 32, 5L << 30));
  }

  @Test
  void addedRangeAtTheEdgesLeavesNoEmptyRange() {
    assertThat(
            RamRange.split(
                List.of(free(0, 0x3000)), List.of(added(0, 0x1000), added(0x2000, 0x1000))))
        .containsExactly(added(0, 0x1000), free(0x1000, 0x2000), added(0x2000, 0x1000));
  }

  @Test
  void listHasTheFormThatFirmwareWalks() throws Exception {
    byte[] bytes = TdHob.build(0x809000, 0x2000, List.of(free(0, 0x1000), added(0x1000, 0x2000)));
    ByteBuffer hob = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    List<String> blocks = new ArrayList<>();
    int at = 0;
    while (hob.getShort(at) != -1) {
      int type = hob.getShort(at);
      int length = hob.getShort(at + 2);
      assertThat(hob.getInt(at + 4)).isZero();
      blocks.add(
          type == 3
              ? "resource %d attributes %x %x+%x"
                  .formatted(
                      hob.getInt(at + 24),
                      hob.getInt(at + 28),
                      hob.getLong(at + 32),
                      hob.getLong(at + 40))
              : "type %d version %d mode %d"
                  .formatted(type, hob.getInt(at + 8), hob.getInt(at + 12)));
      at += length;
    }

    assertThat(blocks)
        .containsExactly(
            "type 1 version 9 mode 0",
            "resource 7 attributes 7 0+1000",
            "resource 0 attributes 7 1000+2000");
    assertThat(hob.getShort(at + 2)).isEqualTo((short) 8);
    assertThat(at + 8).isEqualTo(bytes.length);
    assertThat(hob.getLong(48)).isEqualTo(0x809000 + bytes.length);
  }

  @Test
  void listThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> TdHob.build(0, 100, List.of(free(0, 0x1000))))
        .isInstanceOf(VmmException.class)
        .hasMessageContaining("100 bytes is too small");
  }
}
