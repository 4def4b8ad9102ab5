package org.swtdx.vmm.acpi;

import static org.swtdx.vmm.acpi.Aml.busNumbers;
import static org.swtdx.vmm.acpi.Aml.device;
import static org.swtdx.vmm.acpi.Aml.eisaId;
import static org.swtdx.vmm.acpi.Aml.integer;
import static org.swtdx.vmm.acpi.Aml.ioWindow;
import static org.swtdx.vmm.acpi.Aml.irq;
import static org.swtdx.vmm.acpi.Aml.memoryWindow;
import static org.swtdx.vmm.acpi.Aml.named;
import static org.swtdx.vmm.acpi.Aml.pack;
import static org.swtdx.vmm.acpi.Aml.ports;
import static org.swtdx.vmm.acpi.Aml.resources;
import static org.swtdx.vmm.acpi.Aml.scope;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.swtdx.kvm.irqchip.IoApic;
import org.swtdx.vmm.device.PowerManagement;

/** The tables' bodies, without their common headers. */
final class MachineTables {
  /** First port of the ACPI registers, where firmware for Q35 puts them. */
  private static final int PM_BASE = 0x600;

  private static final int SCI = 9;
  private static final int FADT_BODY = 244 - 36;
  private static final int MADT_CPU = 8;
  private static final int MADT_BODY_FIXED = 8 + 12 + 5 * 10 + 6;

  private MachineTables() {}

  /** The host bridge with its windows, a serial port, the clock, and S5. */
  static byte[] dsdt(PciWindows pci) {
    byte[] windows =
        resources(
            busNumbers(0, (int) (pci.ecamBytes() >>> 20) - 1),
            ports(0xcf8, 8),
            ioWindow(0, 0xcf7),
            ioWindow(0xd00, 0xffff),
            memoryWindow(pci.ramEnd(), pci.ecam()),
            memoryWindow(pci.ecam() + pci.ecamBytes(), PciWindows.LIMIT));
    byte[] serial =
        device(
            "COM1",
            named("_HID", eisaId("PNP0501")),
            named("_UID", integer(1)),
            named("_CRS", resources(ports(0x3f8, 8), irq(4))));
    byte[] clock =
        device(
            "RTC_",
            named("_HID", eisaId("PNP0B00")),
            named("_CRS", resources(ports(0x70, 2), irq(8))));
    byte[] bridge =
        device(
            "PCI0",
            named("_HID", eisaId("PNP0A08")),
            named("_CID", eisaId("PNP0A03")),
            named("_UID", integer(0)),
            named("_BBN", integer(0)),
            named("_CRS", windows),
            device("ISA_", named("_ADR", integer(0x001f0000)), serial, clock));
    int s5 = PowerManagement.SLEEP_TYPE_S5;
    byte[] off = named("\\_S5_", pack(integer(s5), integer(s5), integer(0), integer(0)));
    return Aml.concat(scope("\\_SB_", bridge), off);
  }

  /** Fixed hardware: ACPI is always on, reset through port 0xcf9, neither VGA nor keyboard. */
  static byte[] fadt() {
    ByteBuffer b = ByteBuffer.allocate(FADT_BODY).order(ByteOrder.LITTLE_ENDIAN);
    b.position(10).putShort((short) SCI);
    b.putInt(0).putInt(0); // no SMI command port, so nothing to enable
    b.putInt(PM_BASE).putInt(0).putInt(PM_BASE + 4).putInt(0).putInt(0);
    b.putInt(PM_BASE + 8).putInt(PM_BASE + 0x20).putInt(0);
    b.put((byte) 4).put((byte) 2).put((byte) 0).put((byte) 4).put((byte) 16);
    b.position(60).putShort((short) 0xfff).putShort((short) 0xfff); // no C2, no C3
    b.position(72).put((byte) 0x32).putShort((short) 5); // century; legacy devices, no VGA
    b.position(76).putInt(1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 10);
    gas(b, 80, 8, 1, 0xcf9);
    b.put(92, (byte) 0xf);
    gas(b, 112, 32, 2, PM_BASE);
    gas(b, 136, 16, 2, PM_BASE + 4);
    gas(b, 172, 32, 3, PM_BASE + 8);
    gas(b, 184, 128, 1, PM_BASE + 0x20);
    return b.array();
  }

  /** A generic address structure in I/O space. */
  private static void gas(ByteBuffer b, int at, int bits, int access, int port) {
    b.put(at, (byte) 1).put(at + 1, (byte) bits).put(at + 3, (byte) access).putLong(at + 4, port);
  }

  /** Local APICs, the I/O APIC, ISA overrides, and the NMI input. */
  static byte[] madt(int cpus) {
    ByteBuffer b =
        ByteBuffer.allocate(MADT_BODY_FIXED + MADT_CPU * cpus).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(0xfee00000).putInt(1); // PC-AT compatible
    for (int cpu = 0; cpu < cpus; cpu++) {
      b.put((byte) 0).put((byte) MADT_CPU).put((byte) cpu).put((byte) cpu).putInt(1);
    }
    b.put((byte) 1).put((byte) 12).put((byte) 0).put((byte) 0).putInt((int) IoApic.BASE).putInt(0);
    override(b, 0, 2, 0);
    for (int level : new int[] {5, 9, 10, 11}) {
      override(b, level, level, 0xd); // active high, level-triggered
    }
    b.put((byte) 4).put((byte) 6).put((byte) 0xff).putShort((short) 0).put((byte) 1);
    return b.array();
  }

  private static void override(ByteBuffer b, int source, int gsi, int flags) {
    b.put((byte) 2).put((byte) 10).put((byte) 0).put((byte) source);
    b.putInt(gsi).putShort((short) flags);
  }

  /** ECAM of segment 0. */
  static byte[] mcfg(PciWindows pci) {
    ByteBuffer b = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    b.putLong(0).putLong(pci.ecam()).putShort((short) 0).put((byte) 0);
    return b.put((byte) ((pci.ecamBytes() >>> 20) - 1)).putInt(0).array();
  }
}
