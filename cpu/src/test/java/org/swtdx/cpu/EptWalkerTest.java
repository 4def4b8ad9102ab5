package org.swtdx.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;

/** Walks of extended page tables: permissions, sizes, misconfigurations, suppress-#VE. */
class EptWalkerTest {
  private static final long ROOT = 0x1000;
  private static final long GPA = 0x0000_1234_5678_9abcL;
  private static final long PAGE = 0x20_0000;
  private static final int WRITE_BACK = 6 << 3;

  private final PhysicalMemory memory =
      PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), 4 << 20)));
  private final EptFault fault = new EptFault();

  @AfterEach
  void close() {
    memory.close();
  }

  private long entry(int levels, int level) {
    long table = level == levels ? ROOT : 0x10_000L * level;
    return table + (GPA >>> 3 + 9 * level & 0x1ff) * 8;
  }

  private EptWalker tables(int levels) {
    for (int level = levels; level >= 1; level--) {
      long value = level == 1 ? PAGE | WRITE_BACK | 7 : 0x10_000L * (level - 1) | 7;
      memory.host().write64(new Hpa(entry(levels, level)), value);
    }
    return new EptWalker(memory, ROOT, levels);
  }

  private void change(int level, long clear, long set) {
    Hpa at = new Hpa(entry(4, level));
    memory.host().write64(at, memory.host().read64(at) & ~clear | set);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void mappedPageTranslates(int levels) {
    EptWalker walker = tables(levels);
    for (int access : new int[] {1, 2, 4}) {
      assertThat(walker.translate(GPA, access, fault)).isEqualTo(PAGE | 0xabc);
    }
  }

  /** Permission bits left at one level, and whether read, write and fetch are allowed then. */
  @ParameterizedTest
  @CsvSource({
    "1, true, false, false",
    "3, true, true, false",
    "4, false, false, true",
    "5, true, false, true",
    "7, true, true, true",
  })
  void permissionsAreTheAndOfAllLevels(int bits, boolean read, boolean write, boolean execute) {
    for (int level = 1; level <= 4; level++) {
      EptWalker walker = tables(4);
      change(level, 7, bits);
      boolean[] allowed = {read, write, execute};
      for (int i = 0; i < 3; i++) {
        long result = walker.translate(GPA, 1 << i, fault);
        assertThat(result != GuestPhysicalMap.FAULT)
            .as("level %d access %d", level, i)
            .isEqualTo(allowed[i]);
        if (!allowed[i]) {
          assertThat(fault.misconfiguration).isFalse();
          assertThat(fault.permissions).isEqualTo(bits << 3);
        }
      }
    }
  }

  @Test
  void absentEntryHasNoPermissionsAndItsOwnSuppressBit() {
    for (int level = 1; level <= 4; level++) {
      EptWalker walker = tables(4);
      change(level, -1, 0);
      assertThat(walker.translate(GPA, 1, fault)).isEqualTo(GuestPhysicalMap.FAULT);
      assertThat(fault.permissions).isZero();
      assertThat(fault.convertible).isTrue();
      change(level, 0, 1L << 63);
      assertThat(walker.translate(GPA, 1, fault)).isEqualTo(GuestPhysicalMap.FAULT);
      assertThat(fault.convertible).isFalse();
    }
  }

  @Test
  void leafDecidesWhetherADeniedAccessIsConvertible() {
    EptWalker walker = tables(4);
    change(1, 2, 0);
    assertThat(walker.translate(GPA, 2, fault)).isEqualTo(GuestPhysicalMap.FAULT);
    assertThat(fault.convertible).isTrue();
    change(1, 0, 1L << 63);
    assertThat(walker.translate(GPA, 2, fault)).isEqualTo(GuestPhysicalMap.FAULT);
    assertThat(fault.convertible).isFalse();
  }

  /** Level, bits to set, bits to clear: entries that no processor accepts. */
  @ParameterizedTest
  @CsvSource({
    "1, 0x0, 0x1",
    "2, 0x0, 0x1",
    "4, 0x0, 0x1",
    "1, 0x0, 0x5",
    "4, 0x80, 0x0",
    "4, 0x8, 0x0",
    "3, 0x10, 0x0",
    "2, 0x40, 0x0",
    "1, 0x8, 0x0",
    "1, 0x38, 0x0",
    "3, 0x2080, 0x0",
    "2, 0x1080, 0x0",
    "1, 0x9000000000000, 0x0",
  })
  void reservedSettingsAreMisconfigurations(int level, String set, String clear) {
    EptWalker walker = tables(4);
    change(level, Long.decode(clear), Long.decode(set));
    assertThat(walker.translate(GPA, 1, fault)).isEqualTo(GuestPhysicalMap.FAULT);
    assertThat(fault.misconfiguration).isTrue();
    assertThat(fault.convertible).isFalse();
  }

  @Test
  void largePagesCoverTheirRange() {
    EptWalker walker = tables(4);
    change(2, -1, PAGE | WRITE_BACK | 0x87);
    assertThat(walker.translate(GPA, 1, fault)).isEqualTo(PAGE | GPA & 0x1f_ffff);
    change(3, -1, WRITE_BACK | 0x87);
    assertThat(walker.translate(GPA, 1, fault)).isEqualTo(GPA & 0x3fff_ffff);
  }

  @Test
  void sharedKeyIdsPassAndPrivateOnesAreReserved() {
    PhysicalAddressLayout layout = memory.layout();
    EptWalker walker = tables(4);
    change(1, -1, layout.keyed(PAGE, 1) | WRITE_BACK | 7);
    assertThat(walker.translate(GPA, 1, fault)).isEqualTo(layout.keyed(PAGE | 0xabc, 1));
    change(1, -1, layout.keyed(PAGE, layout.firstTdxKeyId()) | WRITE_BACK | 7);
    assertThat(walker.translate(GPA, 1, fault)).isEqualTo(GuestPhysicalMap.FAULT);
    assertThat(fault.misconfiguration).isTrue();
  }

  @Test
  void addressBeyondTheWalkIsAViolation() {
    EptWalker walker = tables(4);
    assertThat(walker.translate(1L << 48 | GPA, 1, fault)).isEqualTo(GuestPhysicalMap.FAULT);
    assertThat(fault.misconfiguration).isFalse();
    assertThat(fault.convertible).isFalse();
  }
}
