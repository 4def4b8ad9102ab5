package org.swtdx.kvm;

import static org.swtdx.kvm.Vcpu.CONTINUE;
import static org.swtdx.kvm.Vcpu.TO_USER;

import java.util.Arrays;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.MmioBus;
import org.swtdx.cpu.Processor;
import org.swtdx.kvm.uapi.KvmExit;

/**
 * Emulation of an instruction of an ordinary vCPU that accesses addresses without memory. The local
 * APIC's page answers at once; each other read leaves to user space, and the instruction is
 * executed again with all values known so far; writes leave one by one after the instruction is
 * done.
 */
final class VmxMmio implements MmioBus {
  private static final long PAGE_MASK = -4096;

  /** Results of {@link #emulate} beyond CONTINUE and TO_USER: another VM exit is to be handled. */
  static final int OTHER_EXIT = 2;

  private final VmxVcpu vcpu;
  private final Processor processor;
  private long[] known = new long[4];
  private int knownCount;
  private int nextRead;
  private long wantedGpa;
  private int wantedSize;
  private long[] writes = new long[12];
  private int writeCount;
  private int nextWrite;
  private boolean readPending;

  VmxMmio(VmxVcpu vcpu) {
    this.vcpu = vcpu;
    processor = vcpu.processor();
  }

  /** Emulates the instruction whose access just exited. */
  int start() {
    knownCount = 0;
    return emulate();
  }

  private int emulate() {
    while (true) {
      nextRead = 0;
      writeCount = 0;
      nextWrite = 0;
      switch (processor.emulate(this)) {
        case COMPLETED -> {
          return writeOut();
        }
        case PENDING -> {
          readPending = true;
          vcpu.run.exitReason(KvmExit.MMIO).mmioPhysAddr(wantedGpa).mmioLen(wantedSize);
          vcpu.run.mmioIsWrite(0).mmioData(0);
          return TO_USER;
        }
        case EXITED -> {
          if (processor.exit().reason != ExitReason.EPT_VIOLATION.number()) {
            return OTHER_EXIT;
          }
          boolean write = (processor.exit().qualification & 2) != 0;
          int result = vcpu.fault(processor.exit().guestPhysicalAddress, write);
          if (result != CONTINUE) {
            return result == TO_USER ? OTHER_EXIT : result;
          }
        }
      }
    }
  }

  /** Continues after user space answered; CONTINUE when there is nothing to continue. */
  int complete() {
    if (readPending) {
      readPending = false;
      if (knownCount == known.length) {
        known = Arrays.copyOf(known, 2 * knownCount);
      }
      int unused = 64 - 8 * wantedSize;
      known[knownCount++] = vcpu.run.mmioData() << unused >>> unused;
      return emulate();
    }
    return writeOut();
  }

  private int writeOut() {
    while (nextWrite < writeCount && offered()) {
      nextWrite += 3;
    }
    if (nextWrite == writeCount) {
      return CONTINUE;
    }
    vcpu.run.exitReason(KvmExit.MMIO).mmioPhysAddr(writes[nextWrite]);
    vcpu.run.mmioLen((int) writes[nextWrite + 1]).mmioIsWrite(1).mmioData(writes[nextWrite + 2]);
    nextWrite += 3;
    return TO_USER;
  }

  /** Whether an eventfd or a ring takes the next write. */
  private boolean offered() {
    int size = (int) writes[nextWrite + 1];
    long mask = size == 8 ? -1 : (1L << 8 * size) - 1;
    return vcpu.vm().bus.write(false, writes[nextWrite], size, writes[nextWrite + 2] & mask);
  }

  /** Whether an in-kernel I/O APIC answers. */
  private boolean isIoApic(long gpa) {
    return Irqchip.claimsMemory(gpa) && vcpu.vm().irqchip() != null;
  }

  private boolean isApic(long gpa) {
    return vcpu.xApicEnabled() && (gpa & PAGE_MASK) == (vcpu.apicBase() & PAGE_MASK);
  }

  /** Whether something in the kernel answers at an address. */
  boolean isInKernel(long gpa) {
    return isApic(gpa) || isIoApic(gpa);
  }

  @Override
  public boolean claims(long gpaRaw) {
    if (isInKernel(gpaRaw)) {
      return true;
    }
    MemSlot slot = vcpu.vm().slots().find(gpaRaw >>> 12);
    return slot == null || slot.readOnly();
  }

  @Override
  public boolean ready(long gpaRaw, int size) {
    if (isInKernel(gpaRaw)
        || vcpu.vm().slots().find(gpaRaw >>> 12) != null
        || nextRead < knownCount) {
      return true;
    }
    wantedGpa = gpaRaw;
    wantedSize = size;
    return false;
  }

  @Override
  public long read(long gpaRaw, int size) {
    if (isApic(gpaRaw)) {
      int register = (int) (gpaRaw & 0xff0) >>> 4;
      long value = (gpaRaw & 0xc00) == 0 ? vcpu.apicRegister(register) & 0xffff_ffffL : 0;
      return value >>> 8 * (gpaRaw & 3);
    }
    Irqchip chip = vcpu.vm().irqchip();
    if (chip != null && Irqchip.claimsMemory(gpaRaw)) {
      return chip.readMemory(gpaRaw, size);
    }
    MemSlot slot = vcpu.vm().slots().find(gpaRaw >>> 12);
    if (slot != null) {
      return vcpu.vm().memory().load(slot.uaddrOf(gpaRaw >>> 12) + (gpaRaw & 0xfff), size);
    }
    return known[nextRead++];
  }

  @Override
  public void write(long gpaRaw, int size, long value) {
    if (isApic(gpaRaw)) {
      if (size == 4 && (gpaRaw & 0xc0f) == 0) {
        vcpu.writeApicRegister((int) (gpaRaw & 0x3f0) >>> 4, (int) value);
      }
      return;
    }
    Irqchip chip = vcpu.vm().irqchip();
    if (chip != null && Irqchip.claimsMemory(gpaRaw)) {
      chip.writeMemory(gpaRaw, value);
      return;
    }
    if (writeCount == writes.length) {
      writes = Arrays.copyOf(writes, 2 * writeCount);
    }
    writes[writeCount] = gpaRaw;
    writes[writeCount + 1] = size;
    writes[writeCount + 2] = value;
    writeCount += 3;
  }
}
