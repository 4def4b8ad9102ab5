package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Argument of {@code KVM_GET_IRQCHIP} and {@code KVM_SET_IRQCHIP}. */
public final class KvmIrqchip extends Struct {
  /** {@code sizeof(struct kvm_irqchip)} in bytes. */
  public static final int SIZE = 520;

  /** {@code sizeof(struct kvm_pic_state)} in bytes. */
  public static final int PIC_BYTES = 16;

  /** Values of {@link #chipId()}. */
  public static final int PIC_MASTER = 0, PIC_SLAVE = 1, IOAPIC = 2;

  private static final int CHIP = 8;

  /** Creates a zeroed structure. */
  public KvmIrqchip() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmIrqchip(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Which chip. */
  public int chipId() {
    return u32(0);
  }

  /** Sets {@link #chipId()}. */
  public KvmIrqchip chipId(int value) {
    putU32(0, value);
    return this;
  }

  /** {@code struct kvm_pic_state}; its first bytes are last_irr, irr, imr, isr. */
  public byte[] pic() {
    return segment().asSlice(CHIP, PIC_BYTES).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Sets {@link #pic()}. */
  public KvmIrqchip pic(byte[] state) {
    MemorySegment.copy(state, 0, segment(), ValueLayout.JAVA_BYTE, CHIP, PIC_BYTES);
    return this;
  }

  /** Guest physical address of the I/O APIC. */
  public long ioApicBase() {
    return u64(CHIP);
  }

  /** Sets {@link #ioApicBase()}. */
  public KvmIrqchip ioApicBase(long value) {
    putU64(CHIP, value);
    return this;
  }

  /** The register that the I/O APIC's window shows. */
  public int ioApicSelect() {
    return u32(CHIP + 8);
  }

  /** Sets {@link #ioApicSelect()}. */
  public KvmIrqchip ioApicSelect(int value) {
    putU32(CHIP + 8, value);
    return this;
  }

  /** The I/O APIC's identifier. */
  public int ioApicId() {
    return u32(CHIP + 12);
  }

  /** Sets {@link #ioApicId()}. */
  public KvmIrqchip ioApicId(int value) {
    putU32(CHIP + 12, value);
    return this;
  }

  /** Requests of the I/O APIC's inputs, one bit each. */
  public int ioApicIrr() {
    return u32(CHIP + 16);
  }

  /** Sets {@link #ioApicIrr()}. */
  public KvmIrqchip ioApicIrr(int value) {
    putU32(CHIP + 16, value);
    return this;
  }

  /** Redirection entry of an input, 0 to 23. */
  public long redirection(int pin) {
    return u64(CHIP + 24 + 8L * pin);
  }

  /** Sets {@link #redirection(int)}. */
  public KvmIrqchip redirection(int pin, long value) {
    putU64(CHIP + 24 + 8L * pin, value);
    return this;
  }
}
