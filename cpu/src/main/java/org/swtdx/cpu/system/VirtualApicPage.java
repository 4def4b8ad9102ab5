package org.swtdx.cpu.system;

import org.swtdx.cpu.VirtualApic;
import org.swtdx.cpu.VmControls;
import org.swtdx.memory.HostView;
import org.swtdx.memory.Hpa;

/**
 * The virtual-APIC page with virtual-interrupt delivery, SDM Vol. 3C 31.1 to 31.6. Owned by the
 * thread that runs the processor.
 */
public final class VirtualApicPage implements VirtualApic {
  static final int TPR = 0x80, PPR = 0xa0, EOI = 0xb0, ISR = 0x100, TMR = 0x180, IRR = 0x200;
  static final int SELF_IPI = 0x3f0;

  private static final int ON_BYTE = 32;

  private final HostView memory;
  private final VmControls controls;
  private final int[] page = new int[1024];

  /** Requesting and servicing virtual interrupt: the highest vector of IRR and of ISR, or 0. */
  private int requesting;

  private int servicing;

  VirtualApicPage(HostView memory, VmControls controls) {
    this.memory = memory;
    this.controls = controls;
  }

  @Override
  public int read(int offset) {
    return page[offset >>> 2 & 1023];
  }

  @Override
  public void write(int offset, int value) {
    page[offset >>> 2 & 1023] = value;
    requesting = highest(IRR);
    servicing = highest(ISR);
    updatePriority();
  }

  @Override
  public void request(int vector) {
    page[IRR + (vector >>> 5 & 7) * 16 >>> 2] |= 1 << vector;
    requesting = Math.max(requesting, vector & 0xff);
  }

  @Override
  public void syncPostedInterrupts() {
    long descriptor = controls.postedInterruptDescriptor;
    Hpa on = new Hpa(descriptor + ON_BYTE);
    long word = memory.read64(on);
    while (!memory.compareAndSet64(on, word, word & ~1L)) {
      word = memory.read64(on);
    }
    for (int i = 0; i < 4; i++) {
      long posted = memory.getAndSet64(new Hpa(descriptor + 8 * i), 0);
      for (long rest = posted; rest != 0; rest &= rest - 1) {
        request(i << 6 | Long.numberOfTrailingZeros(rest));
      }
    }
  }

  @Override
  public boolean interruptPending() {
    return requesting >>> 4 > read(PPR) >>> 4;
  }

  private int highest(int register) {
    for (int i = 7; i >= 0; i--) {
      int word = page[register + i * 16 >>> 2];
      if (word != 0) {
        return i << 5 | 31 - Integer.numberOfLeadingZeros(word);
      }
    }
    return 0;
  }

  private void updatePriority() {
    int tpr = read(TPR) & 0xff;
    page[PPR >>> 2] = tpr >>> 4 >= servicing >>> 4 ? tpr : servicing & 0xf0;
  }

  /** Takes the requesting interrupt into service and returns its vector. */
  int acknowledge() {
    int vector = requesting;
    int word = (vector >>> 5) * 16;
    page[ISR + word >>> 2] |= 1 << vector;
    page[IRR + word >>> 2] &= ~(1 << vector);
    servicing = vector;
    page[PPR >>> 2] = vector & 0xf0;
    requesting = highest(IRR);
    return vector;
  }

  /** Ends the interrupt in service. */
  void endOfInterrupt() {
    page[EOI >>> 2] = 0;
    int vector = servicing;
    page[ISR + (vector >>> 5) * 16 >>> 2] &= ~(1 << vector);
    servicing = highest(ISR);
    updatePriority();
  }

  int taskPriority() {
    return read(TPR) & 0xff;
  }

  void setTaskPriority(int value) {
    page[TPR >>> 2] = value & 0xff;
    updatePriority();
  }
}
