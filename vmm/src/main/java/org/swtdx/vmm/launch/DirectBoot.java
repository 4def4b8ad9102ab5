package org.swtdx.vmm.launch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.swtdx.kvm.KvmVcpu;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.vmm.VmmException;
import org.swtdx.vmm.acpi.PciWindows;
import org.swtdx.vmm.acpi.TablePlacement;
import org.swtdx.vmm.kernel.BootImage;
import org.swtdx.vmm.kernel.KernelFormat;
import org.swtdx.vmm.kernel.MemoryMap;
import org.swtdx.vmm.machine.Machine;
import org.swtdx.vmm.machine.MemoryLayout;

/**
 * Starts a kernel without firmware: does to the machine what firmware would have done, writes
 * kernel, tables and descriptors to RAM, and sets the first vCPU's registers.
 */
record DirectBoot(KernelFormat kernel, MemoryLayout layout) {
  private static final int SPURIOUS = 0xf;
  private static final int LINT0 = 0x35;
  private static final int LINT1 = 0x36;
  private static final long FLAT_CODE = 0x00cf9b000000ffffL;
  private static final long FLAT_DATA = 0x00cf93000000ffffL;
  private static final int GDT_ENTRIES = 4;

  void start(Machine machine, GuestRam ram, KvmVcpu vcpu) throws VmmException {
    machine.initialiseLikeFirmware();
    TablePlacement acpi = TablePlacement.of(machine.acpiTables(), layout.lowBytes());
    PciWindows pci = machine.pciWindows();
    MemoryMap memory =
        MemoryMap.of(
            layout.lowBytes(),
            layout.highBytes(),
            acpi.tablesAt(),
            TablePlacement.RSDP_AT,
            pci.ecam(),
            pci.ecamBytes());
    BootImage image = kernel.place(memory);
    write(ram, acpi.tablesAt(), acpi.tables());
    write(ram, TablePlacement.RSDP_AT, acpi.rsdp());
    byte[] descriptors = new byte[8 * GDT_ENTRIES];
    ByteBuffer gdt = ByteBuffer.wrap(descriptors).order(ByteOrder.LITTLE_ENDIAN);
    gdt.putLong(image.codeSelector(), FLAT_CODE).putLong(image.codeSelector() + 8, FLAT_DATA);
    write(ram, KernelFormat.GDT, descriptors);
    for (BootImage.Piece piece : image.pieces()) {
      write(ram, piece.gpa(), piece.bytes());
    }
    setRegisters(vcpu, image);
    connectLocalInterrupts(vcpu);
  }

  private static void write(GuestRam ram, long gpa, byte[] bytes) {
    if (bytes.length > 0 && !ram.write(gpa, bytes, 0, bytes.length)) {
      throw new IllegalStateException("a piece at 0x%x lies outside of RAM".formatted(gpa));
    }
  }

  private static void setRegisters(KvmVcpu vcpu, BootImage image) throws VmmException {
    KvmSregs sregs = new KvmSregs();
    Ioctl.check("KVM_GET_SREGS", vcpu.getSregs(sregs));
    int data = image.codeSelector() + 8;
    for (int segment = KvmSregs.CS; segment <= KvmSregs.SS; segment++) {
      boolean code = segment == KvmSregs.CS;
      sregs.selector(segment, code ? image.codeSelector() : data).base(segment, 0);
      sregs.limit(segment, -1).type(segment, code ? 0xb : 3).s(segment, 1).dpl(segment, 0);
      sregs.present(segment, 1).l(segment, 0).db(segment, 1).g(segment, 1).unusable(segment, 0);
    }
    sregs.gdtBase(KernelFormat.GDT).gdtLimit(8 * GDT_ENTRIES - 1);
    sregs.idtBase(0).idtLimit(0);
    sregs.cr0(0x11);
    Ioctl.check("KVM_SET_SREGS", vcpu.setSregs(sregs));
    KvmRegs regs = new KvmRegs().rflags(2).rip(image.entry());
    regs.rax(Integer.toUnsignedLong(image.eax())).rbx(Integer.toUnsignedLong(image.ebx()));
    regs.rsi(Integer.toUnsignedLong(image.esi()));
    Ioctl.check("KVM_SET_REGS", vcpu.setRegs(regs));
  }

  /** The 8259s on LINT0, NMI on LINT1, as PC firmware leaves the first local APIC. */
  private static void connectLocalInterrupts(KvmVcpu vcpu) throws VmmException {
    KvmLapicState apic = new KvmLapicState();
    Ioctl.check("KVM_GET_LAPIC", vcpu.getLapic(apic));
    apic.reg(SPURIOUS, 0x1ff).reg(LINT0, 0x8700).reg(LINT1, 0x8400);
    Ioctl.check("KVM_SET_LAPIC", vcpu.setLapic(apic));
  }
}
