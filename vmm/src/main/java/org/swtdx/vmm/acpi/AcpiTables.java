package org.swtdx.vmm.acpi;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds the tables of one machine: FACS, DSDT, FADT, MADT, MCFG, XSDT and RSDP. Sizes depend only
 * on the number of CPUs, so that tables can be made again once firmware has placed ECAM.
 */
public final class AcpiTables {
  /** fw_cfg name of the tables. */
  public static final String TABLES_FILE = "etc/acpi/tables";

  /** fw_cfg name of the root pointer. */
  public static final String RSDP_FILE = "etc/acpi/rsdp";

  /** fw_cfg name of the linking script. */
  public static final String LOADER_FILE = "etc/table-loader";

  private static final int HEADER_BYTES = 36;
  private static final int CHECKSUM_AT = 9;
  private static final int FACS_BYTES = 64;
  private static final int RSDP_BYTES = 36;
  private static final int FADT_FACS = 36;
  private static final int FADT_DSDT = 40;
  private static final int FADT_X_DSDT = 140;
  private static final int RSDP_XSDT = 24;

  private final ByteArrayOutputStream tables = new ByteArrayOutputStream();
  private final TableLoader loader = new TableLoader();
  private final List<Integer> listed = new ArrayList<>();
  private final byte[] rsdp = new byte[RSDP_BYTES];

  /**
   * Builds the tables.
   *
   * @param cpus number of CPUs; their APIC ids count from 0
   * @param pci where ECAM and the window for PCI memory are
   */
  public AcpiTables(int cpus, PciWindows pci) {
    loader.allocate(TABLES_FILE, 64, false);
    loader.allocate(RSDP_FILE, 16, true);
    int facs = append(facs());
    int dsdt = appendTable(MachineTables.dsdt(pci), "DSDT", 2);
    int fadt = appendFadt(facs, dsdt);
    listed.add(fadt);
    listed.add(appendTable(MachineTables.madt(cpus), "APIC", 3));
    listed.add(appendTable(MachineTables.mcfg(pci), "MCFG", 1));
    buildRsdp(appendXsdt());
  }

  private int append(byte[] bytes) {
    int at = tables.size();
    tables.writeBytes(bytes);
    return at;
  }

  private int appendTable(byte[] body, String signature, int revision) {
    int at = append(header(signature, revision, body.length));
    append(body);
    loader.addChecksum(TABLES_FILE, at + CHECKSUM_AT, at, HEADER_BYTES + body.length);
    return at;
  }

  private int appendFadt(int facs, int dsdt) {
    byte[] body = MachineTables.fadt();
    ByteBuffer fields = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
    fields.putInt(FADT_FACS - HEADER_BYTES, facs);
    fields.putInt(FADT_DSDT - HEADER_BYTES, dsdt);
    fields.putLong(FADT_X_DSDT - HEADER_BYTES, dsdt);
    int at = tables.size();
    loader.addPointer(TABLES_FILE, at + FADT_FACS, 4, TABLES_FILE);
    loader.addPointer(TABLES_FILE, at + FADT_DSDT, 4, TABLES_FILE);
    loader.addPointer(TABLES_FILE, at + FADT_X_DSDT, 8, TABLES_FILE);
    return appendTable(body, "FACP", 3);
  }

  private int appendXsdt() {
    ByteBuffer body = ByteBuffer.allocate(8 * listed.size()).order(ByteOrder.LITTLE_ENDIAN);
    int at = tables.size();
    for (int i = 0; i < listed.size(); i++) {
      body.putLong(listed.get(i));
      loader.addPointer(TABLES_FILE, at + HEADER_BYTES + 8 * i, 8, TABLES_FILE);
    }
    return appendTable(body.array(), "XSDT", 1);
  }

  private void buildRsdp(int xsdt) {
    ByteBuffer b = ByteBuffer.wrap(rsdp).order(ByteOrder.LITTLE_ENDIAN);
    b.put("RSD PTR ".getBytes(US_ASCII)).put((byte) 0).put("SWTDX ".getBytes(US_ASCII));
    b.put((byte) 2).putInt(0).putInt(RSDP_BYTES).putLong(xsdt);
    loader.addPointer(RSDP_FILE, RSDP_XSDT, 8, TABLES_FILE);
    loader.addChecksum(RSDP_FILE, 8, 0, 20);
    loader.addChecksum(RSDP_FILE, 32, 0, RSDP_BYTES);
  }

  private static byte[] facs() {
    ByteBuffer b = ByteBuffer.allocate(FACS_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return b.put("FACS".getBytes(US_ASCII)).putInt(FACS_BYTES).array();
  }

  private static byte[] header(String signature, int revision, int bodyBytes) {
    ByteBuffer b = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    b.put(signature.getBytes(US_ASCII)).putInt(HEADER_BYTES + bodyBytes);
    b.put((byte) revision).put((byte) 0).put("SWTDX Q35MACH ".getBytes(US_ASCII));
    return b.putInt(1).put("SWTX".getBytes(US_ASCII)).putInt(1).array();
  }

  /** The contents of {@link #TABLES_FILE}. */
  public byte[] tables() {
    return tables.toByteArray();
  }

  /** The contents of {@link #RSDP_FILE}. */
  public byte[] rsdp() {
    return rsdp.clone();
  }

  /** The contents of {@link #LOADER_FILE}. */
  public byte[] script() {
    return loader.script();
  }
}
