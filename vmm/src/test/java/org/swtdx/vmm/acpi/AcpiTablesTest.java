package org.swtdx.vmm.acpi;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AcpiTablesTest {
  private static final Map<String, Integer> PLACES =
      Map.of(AcpiTables.TABLES_FILE, 0x7f000000, AcpiTables.RSDP_FILE, 0xf0000);

  private final Map<String, ByteBuffer> files = new HashMap<>();

  private AcpiTables link(int cpus, PciWindows windows) {
    AcpiTables tables = new AcpiTables(cpus, windows);
    files.put(AcpiTables.TABLES_FILE, buffer(tables.tables()));
    files.put(AcpiTables.RSDP_FILE, buffer(tables.rsdp()));
    ByteBuffer script = buffer(tables.script());
    for (int at = 0; at < script.capacity(); at += 128) {
      execute(script.slice(at, 128).order(ByteOrder.LITTLE_ENDIAN));
    }
    return tables;
  }

  private static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** What firmware does with one command of the script. */
  private void execute(ByteBuffer command) {
    String name = name(command, 4);
    ByteBuffer file = files.get(name);
    assertThat(file).isNotNull();
    switch (command.getInt(0)) {
      case 1 -> assertThat(Integer.bitCount(command.getInt(60))).isEqualTo(1);
      case 2 -> addPointer(file, name(command, 60), command.getInt(116), command.get(120));
      case 3 -> {
        int start = command.getInt(64);
        int result = command.getInt(60);
        file.put(result, (byte) -sum(file, start, command.getInt(68)));
      }
      default -> throw new AssertionError("unknown command " + command.getInt(0));
    }
  }

  private static void addPointer(ByteBuffer file, String pointee, int offset, int size) {
    long base = PLACES.get(pointee);
    if (size == 8) {
      file.putLong(offset, file.getLong(offset) + base);
    } else {
      assertThat(size).isEqualTo(4);
      file.putInt(offset, (int) (file.getInt(offset) + base));
    }
  }

  private static String name(ByteBuffer command, int at) {
    byte[] name = new byte[56];
    command.get(at, name);
    return new String(name, US_ASCII).trim();
  }

  private static int sum(ByteBuffer file, int start, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += file.get(start + i);
    }
    return sum & 0xff;
  }

  private ByteBuffer tableAt(long address) {
    ByteBuffer all = files.get(AcpiTables.TABLES_FILE);
    int at = (int) (address - PLACES.get(AcpiTables.TABLES_FILE));
    int length = all.getInt(at + 4);
    return all.slice(at, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String signature(ByteBuffer table) {
    byte[] name = new byte[4];
    table.get(0, name);
    return new String(name, US_ASCII);
  }

  private Map<String, ByteBuffer> listed() {
    ByteBuffer xsdt = tableAt(files.get(AcpiTables.RSDP_FILE).getLong(24));
    assertThat(signature(xsdt)).isEqualTo("XSDT");
    Map<String, ByteBuffer> tables = new TreeMap<>();
    for (int at = 36; at < xsdt.capacity(); at += 8) {
      ByteBuffer table = tableAt(xsdt.getLong(at));
      tables.put(signature(table), table);
    }
    tables.put("XSDT", xsdt);
    return tables;
  }

  @Test
  void linkedTablesHaveRightChecksums() {
    link(2, PciWindows.initial(0x80000000L));

    ByteBuffer rsdp = files.get(AcpiTables.RSDP_FILE);
    assertThat(sum(rsdp, 0, 20)).isZero();
    assertThat(sum(rsdp, 0, 36)).isZero();
    Map<String, ByteBuffer> tables = listed();
    assertThat(tables.keySet()).containsExactly("APIC", "FACP", "MCFG", "XSDT");
    tables.put("DSDT", tableAt(tables.get("FACP").getLong(140)));
    tables.forEach((name, t) -> assertThat(sum(t, 0, t.capacity())).as(name).isZero());
  }

  @Test
  void fadtPointsToFacsDsdtAndTheMachinesPorts() {
    link(1, PciWindows.initial(0x80000000L));
    ByteBuffer fadt = listed().get("FACP");

    assertThat(signature(tableAt(fadt.getInt(36)))).isEqualTo("FACS");
    assertThat(fadt.getInt(36) % 64).isZero();
    assertThat(signature(tableAt(fadt.getInt(40)))).isEqualTo("DSDT");
    assertThat(fadt.getLong(140)).isEqualTo(fadt.getInt(40));
    assertThat(fadt.getInt(56)).isEqualTo(0x600);
    assertThat(fadt.getInt(64)).isEqualTo(0x604);
    assertThat(fadt.getInt(76)).isEqualTo(0x608);
    assertThat(fadt.getLong(120)).isEqualTo(0xcf9);
    assertThat(fadt.get(128)).isEqualTo((byte) 0xf);
  }

  @Test
  void madtListsEveryCpuOnce() {
    link(3, PciWindows.initial(0x80000000L));
    ByteBuffer madt = listed().get("APIC");
    Map<Integer, Integer> kinds = new TreeMap<>();
    for (int at = 44; at < madt.capacity(); at += madt.get(at + 1)) {
      kinds.merge((int) madt.get(at), 1, Integer::sum);
    }
    assertThat(kinds).isEqualTo(Map.of(0, 3, 1, 1, 2, 5, 4, 1));
  }

  @Test
  void mcfgFollowsEcamWithoutChangingSizes() {
    AcpiTables before = link(1, PciWindows.initial(0x80000000L));
    AcpiTables after = link(1, new PciWindows(0x80000000L, 0xe0000000L, 256 << 20));

    assertThat(listed().get("MCFG").getLong(44)).isEqualTo(0xe0000000L);
    assertThat(listed().get("MCFG").get(55)).isEqualTo((byte) 0xff);
    assertThat(after.tables()).hasSameSizeAs(before.tables());
    assertThat(after.script()).isEqualTo(before.script());
    assertThat(after.rsdp()).isEqualTo(before.rsdp());
  }

  @Test
  void dsdtIsWellFormedPackages() {
    link(1, PciWindows.initial(0xb0000000L));
    ByteBuffer dsdt = tableAt(listed().get("FACP").getLong(140));

    assertThat(dsdt.get(36)).isEqualTo((byte) 0x10);
    int scope = packageLength(dsdt, 37);
    int next = 37 + scope;
    byte[] tail = new byte[dsdt.capacity() - next];
    dsdt.get(next, tail);
    assertThat(tail).containsExactly(0x08, '\\', '_', 'S', '5', '_', 0x12, 6, 4, 0, 0, 0, 0);
  }

  private static int packageLength(ByteBuffer code, int at) {
    int lead = code.get(at) & 0xff;
    int more = lead >>> 6;
    if (more == 0) {
      return lead;
    }
    int length = lead & 0xf;
    for (int i = 1; i <= more; i++) {
      length |= (code.get(at + i) & 0xff) << 8 * i - 4;
    }
    return length;
  }
}
