package org.swtdx.vmm.pci;

/**
 * The ICH9 LPC bridge at 00:1f.0 (ICH9 data sheet, 13.1): identity, PMBASE and its enable bit, and
 * registers that firmware writes on its way.
 */
public final class LpcBridge implements PciFunction {
  private static final int PMBASE = 0x40;
  private static final int ACPI_CONTROL = 0x44;
  private static final int ROOT_COMPLEX_BASE = 0xf0;
  private static final int ACPI_ENABLE = 0x80;

  private final ConfigSpace space = new ConfigSpace(0x8086, 0x2918, 0x060100, 2);
  private final Runnable moved;

  /**
   * Creates the bridge.
   *
   * @param moved called when PMBASE or its enable bit has been written
   */
  public LpcBridge(Runnable moved) {
    this.moved = moved;
    space.set(ConfigSpace.COMMAND, 2, 7, 0x100); // decoding and bus mastering can't be switched off
    space.set(6, 2, 0x0200, 0); // medium DEVSEL timing
    space.set(0x2c, 4, 0x11001af4, 0); // subsystem
    space.set(PMBASE, 4, 1, 0xff80);
    space.set(ACPI_CONTROL, 1, 0, 0x87);
    for (int route = 0x60; route < 0x6c; route++) {
      boolean pirq = route < 0x64 || route >= 0x68;
      space.set(route, 1, pirq ? 0x80 : 0, pirq ? 0x8f : 0);
    }
    space.set(0x80, 4, 0, 0xffff); // LPC decode ranges
    space.set(0xa0, 4, 0, 0xffff); // power management configuration
    space.set(ROOT_COMPLEX_BASE, 4, 0, 0xffffc001);
  }

  @Override
  public int read(int offset, int size) {
    return space.read(offset, size);
  }

  @Override
  public void write(int offset, int size, int value) {
    space.write(offset, size, value);
    if (offset < ACPI_CONTROL + 1 && offset + size > PMBASE) {
      moved.run();
    }
  }

  /**
   * Enables the ACPI registers, as firmware does.
   *
   * @param base their first port
   */
  public void enablePowerManagement(int base) {
    write(PMBASE, 4, base | 1);
    write(ACPI_CONTROL, 1, ACPI_ENABLE);
  }

  /** Whether the ACPI registers answer. */
  public boolean powerManagementEnabled() {
    return (space.read(ACPI_CONTROL, 1) & ACPI_ENABLE) != 0;
  }

  /** First port of the ACPI registers. */
  public int powerManagementBase() {
    return space.read(PMBASE, 2) & 0xff80;
  }
}
