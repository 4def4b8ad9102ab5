package org.swtdx.vmm.pci;

/**
 * The Q35 memory controller hub at 00:00.0 (Intel 3 Series Express Chipset data sheet): identity,
 * PCIEXBAR, which places ECAM, and registers that firmware writes on its way.
 */
public final class HostBridge implements PciFunction {
  /** Offset of the 64-bit PCIEXBAR register. */
  public static final int PCIEXBAR = 0x60;

  private static final int EXTENDED_TSEG = 0x50;
  private static final int SMBASE_CONTROL = 0x9c;
  private static final int SMRAM = 0x9d;

  private final ConfigSpace space = new ConfigSpace(0x8086, 0x29c0, 0x060000, 2);
  private final Runnable moved;

  /**
   * Creates the bridge.
   *
   * @param moved called when PCIEXBAR has been written
   */
  public HostBridge(Runnable moved) {
    this.moved = moved;
    space.set(0x2c, 4, 0x11001af4, 0); // subsystem
    space.set(EXTENDED_TSEG, 2, 0, 0); // no extended TSEG, as there is no SMM
    space.set(PCIEXBAR, 4, 0, 0xfc000007);
    space.set(PCIEXBAR + 4, 4, 0, 0xf);
    for (int pam = 0x90; pam <= 0x96; pam++) {
      space.set(pam, 1, 0, pam == 0x90 ? 0x30 : 0x33);
    }
    space.set(SMBASE_CONTROL, 1, 0, 0);
    space.set(SMRAM, 1, 2, 0);
  }

  @Override
  public int read(int offset, int size) {
    return space.read(offset, size);
  }

  @Override
  public void write(int offset, int size, int value) {
    space.write(offset, size, value);
    if (offset < PCIEXBAR + 8 && offset + size > PCIEXBAR) {
      moved.run();
    }
  }

  /**
   * Places ECAM, as firmware does.
   *
   * @param base its address, with 256 MiB behind it
   */
  public void enableEcam(long base) {
    write(PCIEXBAR + 4, 4, (int) (base >>> 32));
    write(PCIEXBAR, 4, (int) base | 1);
  }

  /** Whether ECAM is on. */
  public boolean ecamEnabled() {
    return (space.read(PCIEXBAR, 4) & 1) != 0 && ecamBytes() != 0;
  }

  /** Guest physical address of ECAM. */
  public long ecamBase() {
    long low = Integer.toUnsignedLong(space.read(PCIEXBAR, 4));
    long high = (long) space.read(PCIEXBAR + 4, 4) << 32;
    return (high | low) & -Math.max(ecamBytes(), 1 << 26);
  }

  /** Bytes of ECAM: 256, 128 or 64 MiB; 0 for the reserved length. */
  public long ecamBytes() {
    int length = space.read(PCIEXBAR, 1) >>> 1 & 3;
    return length == 3 ? 0 : 1L << 28 - length;
  }
}
