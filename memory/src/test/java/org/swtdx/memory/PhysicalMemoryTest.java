package org.swtdx.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PhysicalMemoryTest {
  private static final PhysicalAddressLayout LAYOUT = PhysicalAddressLayout.DEFAULT;

  static Stream<List<Cmr>> brokenRanges() {
    return Stream.of(
        List.of(),
        List.of(cmr(0, 0)),
        List.of(cmr(0x800, 0x1000)),
        List.of(cmr(0x1000, 0x800)),
        List.of(cmr(0x4000, 0x1000), cmr(0x1000, 0x1000)),
        List.of(cmr(0, 0x2000), cmr(0x1000, 0x1000)),
        List.of(cmr(0, 1L << 47)));
  }

  private static Cmr cmr(long base, long size) {
    return new Cmr(new Hpa(base), size);
  }

  @ParameterizedTest
  @MethodSource("brokenRanges")
  void brokenRangesAreRefused(List<Cmr> cmrs) {
    assertThatIllegalArgumentException().isThrownBy(() -> PhysicalMemory.create(LAYOUT, cmrs));
  }

  @Test
  void hugeMachineCostsNothingUntilTouched() {
    long top = 1L << 40;
    try (PhysicalMemory memory = PhysicalMemory.create(LAYOUT, List.of(cmr(0, top)))) {
      memory.host().write64(new Hpa(top - 8), 0x55);

      assertThat(memory.host().read64(new Hpa(top - 8))).isEqualTo(0x55);
      assertThat(memory.host().read64(new Hpa(top / 2))).isZero();
    }
  }

  @Test
  void closingTwiceDoesNothing() {
    PhysicalMemory memory = PhysicalMemory.create(LAYOUT, List.of(cmr(0, 1 << 20)));
    memory.close();

    assertThatCode(memory::close).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(longs = {0x1000, 0x1003, 0x1ffd, 0x1ff8, 0x203d})
  void hostReadsBackWhatItWroteAtAnyAlignment(long at) {
    try (PhysicalMemory memory = PhysicalMemory.create(LAYOUT, List.of(cmr(0, 1 << 20)))) {
      HostView host = memory.host();
      Hpa hpa = new Hpa(at);

      host.write64(hpa, 0xfedcba9876543210L);

      assertThat(host.read64(hpa)).isEqualTo(0xfedcba9876543210L);
      assertThat(host.read32(hpa)).isEqualTo(0x76543210);
      assertThat(host.read16(hpa.plus(5))).isEqualTo(0xdcba);
      assertThat(host.read8(hpa.plus(7))).isEqualTo(0xfe);
      host.write32(hpa.plus(1), -1);
      host.write16(hpa.plus(6), 0);
      host.write8(hpa, 0xaa);
      assertThat(host.read64(hpa)).isEqualTo(0x0000_baff_ffff_ffaaL);
    }
  }

  @Test
  void accessesThatLeaveMemoryReadOnesAndDropWrites() {
    try (PhysicalMemory memory = PhysicalMemory.create(LAYOUT, List.of(cmr(0, 0x3000)))) {
      HostView host = memory.host();

      host.write64(new Hpa(0x2ffc), 0x1111_2222_3333_4444L);

      assertThat(host.read64(new Hpa(0x2ffc))).isEqualTo(0xffff_ffff_3333_4444L);
      assertThat(host.read8(new Hpa(0x3000))).isEqualTo(0xff);
      assertThat(host.read64(new Hpa(-8))).isEqualTo(-1);
      assertThat(host.read32(new Hpa(Long.MIN_VALUE))).isEqualTo(-1);
      host.write32(new Hpa(-2), 5);
      host.zero(new Hpa(-4096), 8192);
    }
  }

  @Test
  void addressWithKeyIdBitsIsNoHostAddress() {
    try (PhysicalMemory memory = PhysicalMemory.create(LAYOUT, List.of(cmr(0, 0x3000)))) {
      HostView host = memory.host();
      host.write64(new Hpa(0x1000), 7);
      Hpa keyed = new Hpa(LAYOUT.keyed(0x1000, 1));

      host.write64(keyed, 8);

      assertThat(host.read64(keyed)).isEqualTo(-1);
      assertThat(host.read64(new Hpa(0x1000))).isEqualTo(7);
      assertThatIllegalArgumentException().isThrownBy(() -> host.getAndSet64(keyed, 1));
      assertThatIllegalArgumentException().isThrownBy(() -> host.getAndSet64(new Hpa(4), 1));
    }
  }

  @Test
  void hostAtomicsReturnWhatWasThere() {
    try (PhysicalMemory memory = PhysicalMemory.create(LAYOUT, List.of(cmr(0, 0x3000)))) {
      HostView host = memory.host();
      Hpa hpa = new Hpa(0x1008);

      assertThat(host.getAndSet64(hpa, 0b1100)).isZero();
      assertThat(host.getAndOr64(hpa, 0b0110)).isEqualTo(0b1100);
      assertThat(host.compareAndSet64(hpa, 0b1100, 1)).isFalse();
      assertThat(host.compareAndSet64(hpa, 0b1110, 1)).isTrue();
      assertThat(host.read64(hpa)).isEqualTo(1);
    }
  }

  @Test
  void zeroClearsWhatItIsAskedToAndNoMore() {
    try (PhysicalMemory memory = PhysicalMemory.create(LAYOUT, List.of(cmr(0, 0x10000)))) {
      HostView host = memory.host();
      byte[] ones = new byte[0x8000];
      Arrays.fill(ones, (byte) 1);
      host.write(new Hpa(0x1000), ones, 0, ones.length);

      host.zero(new Hpa(0x1ff0), 0x3020);

      byte[] after = new byte[0x8000];
      host.read(new Hpa(0x1000), after, 0, after.length);
      Arrays.fill(ones, 0xff0, 0xff0 + 0x3020, (byte) 0);
      assertThat(after).isEqualTo(ones);
    }
  }
}
