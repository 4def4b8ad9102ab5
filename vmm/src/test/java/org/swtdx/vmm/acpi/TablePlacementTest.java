package org.swtdx.vmm.acpi;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TablePlacementTest {
  private static final long RAM_END = 128L << 20;

  private final TablePlacement placed =
      TablePlacement.of(new AcpiTables(3, PciWindows.initial(RAM_END)), RAM_END);

  private static int sum(byte[] bytes, int from, int length) {
    int sum = 0;
    for (int i = from; i < from + length; i++) {
      sum += bytes[i];
    }
    return sum & 0xff;
  }

  @Test
  void theRootPointerLeadsToEveryTableAndAllChecksumsHold() {
    ByteBuffer rsdp = ByteBuffer.wrap(placed.rsdp()).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer tables = ByteBuffer.wrap(placed.tables()).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(sum(placed.rsdp(), 0, 20)).isZero();
    assertThat(sum(placed.rsdp(), 0, 36)).isZero();

    int xsdt = (int) (rsdp.getLong(24) - placed.tablesAt());
    List<String> names = new ArrayList<>();
    for (int at = xsdt + 36; at < xsdt + tables.getInt(xsdt + 4); at += 8) {
      int table = (int) (tables.getLong(at) - placed.tablesAt());
      names.add(new String(placed.tables(), table, 4, US_ASCII));
      assertThat(sum(placed.tables(), table, tables.getInt(table + 4))).isZero();
    }

    assertThat(names).contains("FACP", "APIC", "MCFG");
    assertThat(sum(placed.tables(), xsdt, tables.getInt(xsdt + 4))).isZero();
  }

  @Test
  void tablesEndWithRam() {
    assertThat(placed.tablesAt() % 4096).isZero();
    assertThat(placed.tablesAt() + placed.tables().length).isBetween(RAM_END - 4095, RAM_END);
  }
}
