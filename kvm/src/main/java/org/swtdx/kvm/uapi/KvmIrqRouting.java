package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_SET_GSI_ROUTING}. */
public final class KvmIrqRouting extends Struct {
  /** {@code sizeof(struct kvm_irq_routing)} in bytes, entries not counted. */
  public static final int SIZE = 8;

  /** {@code sizeof} one entry in bytes. */
  public static final int ENTRY_SIZE = 48;

  /** Creates a zeroed structure with room for {@code capacity} entries, and nr set to it. */
  public KvmIrqRouting(int capacity) {
    this(MemorySegment.ofArray(new byte[SIZE + capacity * ENTRY_SIZE]));
    nr(capacity);
  }

  /** Number of entries that the memory behind this structure has room for. */
  public int capacity() {
    return (int) ((segment().byteSize() - SIZE) / ENTRY_SIZE);
  }

  /** Lays the structure over {@code segment}. */
  public KvmIrqRouting(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Number of entries. */
  public int nr() {
    return u32(0);
  }

  /** Sets {@link #nr()}. */
  public KvmIrqRouting nr(int value) {
    putU32(0, value);
    return this;
  }

  /** Must be zero. */
  public int flags() {
    return u32(4);
  }

  /** Sets {@link #flags()}. */
  public KvmIrqRouting flags(int value) {
    putU32(4, value);
    return this;
  }

  /** GSI of entry {@code index}. */
  public int gsi(int index) {
    return u32(8 + 48L * index);
  }

  /** Sets {@link #gsi(int)}. */
  public KvmIrqRouting gsi(int index, int value) {
    putU32(8 + 48L * index, value);
    return this;
  }

  /** {@link #IRQCHIP} or {@link #MSI}, of entry {@code index}. */
  public int type(int index) {
    return u32(12 + 48L * index);
  }

  /** Sets {@link #type(int)}. */
  public KvmIrqRouting type(int index, int value) {
    putU32(12 + 48L * index, value);
    return this;
  }

  /** Flags of entry {@code index}. */
  public int entryFlags(int index) {
    return u32(16 + 48L * index);
  }

  /** Sets {@link #entryFlags(int)}. */
  public KvmIrqRouting entryFlags(int index, int value) {
    putU32(16 + 48L * index, value);
    return this;
  }

  /** Chip of entry {@code index} of type {@link #IRQCHIP}: as {@link KvmIrqchip#chipId()}. */
  public int chip(int index) {
    return u32(24 + 48L * index);
  }

  /** Sets {@link #chip(int)}. */
  public KvmIrqRouting chip(int index, int value) {
    putU32(24 + 48L * index, value);
    return this;
  }

  /** Input of the chip, of entry {@code index} of type {@link #IRQCHIP}. */
  public int pin(int index) {
    return u32(28 + 48L * index);
  }

  /** Sets {@link #pin(int)}. */
  public KvmIrqRouting pin(int index, int value) {
    putU32(28 + 48L * index, value);
    return this;
  }

  /** Lower half of the message address of entry {@code index}. */
  public int msiAddressLo(int index) {
    return u32(24 + 48L * index);
  }

  /** Sets {@link #msiAddressLo(int)}. */
  public KvmIrqRouting msiAddressLo(int index, int value) {
    putU32(24 + 48L * index, value);
    return this;
  }

  /** Upper half of the message address of entry {@code index}. */
  public int msiAddressHi(int index) {
    return u32(28 + 48L * index);
  }

  /** Sets {@link #msiAddressHi(int)}. */
  public KvmIrqRouting msiAddressHi(int index, int value) {
    putU32(28 + 48L * index, value);
    return this;
  }

  /** Message data of entry {@code index}. */
  public int msiData(int index) {
    return u32(32 + 48L * index);
  }

  /** Sets {@link #msiData(int)}. */
  public KvmIrqRouting msiData(int index, int value) {
    putU32(32 + 48L * index, value);
    return this;
  }

  /** {@code KVM_IRQ_ROUTING_IRQCHIP}: a pin of an in-kernel chip. */
  public static final int IRQCHIP = 1;

  /** {@code KVM_IRQ_ROUTING_MSI}: a message-signalled interrupt. */
  public static final int MSI = 2;
}
