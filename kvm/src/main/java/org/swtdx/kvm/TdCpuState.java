package org.swtdx.kvm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.seamcall.FieldReply;
import org.swtdx.seamcall.TdxStatus;

/**
 * The registers of a debuggable TD's vCPU, each access a TDH.VP.RD or TDH.VP.WR. What the module
 * refuses reads 0, or stays, and is remembered in {@link #refused}. For one ioctl: the caller holds
 * the vCPU's mutex and its processor.
 */
final class TdCpuState implements CpuState {
  // Metadata field identifiers: class and field code; VMCS fields have the VMCS's encodings.
  private static final long VMCS = 0x0024_0000_0000_0000L;
  private static final long GPR = 0x1020_0003_0000_0000L;
  private static final long STATE = 0x1120_0003_0000_0000L;
  private static final long XBUFF = 0x1220_0003_0000_0000L;
  private static final long MSR = 0x1320_0003_0000_0000L;
  private static final long VAPIC = 0x0120_0003_0000_0000L;

  private static final int SELECTOR = 0x0800;
  private static final int LIMIT = 0x4800;
  private static final int ACCESS_RIGHTS = 0x4814;
  private static final int BASE = 0x6806;
  private static final int GDTR_LIMIT = 0x4810;
  private static final int IDTR_LIMIT = 0x4812;
  private static final int GDTR_BASE = 0x6816;
  private static final int IDTR_BASE = 0x6818;
  private static final int INTERRUPTIBILITY = 0x4824;
  private static final int ACTIVITY = 0x4826;
  private static final int CR0 = 0x6800;
  private static final int CR0_MASK = 0x6000;
  private static final int CR0_SHADOW = 0x6004;
  private static final int DR7 = 0x681a;
  private static final int STACK_POINTER = 0x681c;
  private static final int INSTRUCTION_POINTER = 0x681e;
  private static final int FLAGS = 0x6820;
  private static final int PENDING_DEBUG = 0x6822;
  private static final int EXCEPTION_BITMAP = 0x4004;

  private static final int XCR0 = 0x20;
  private static final int CR2 = 0x28;
  private static final int TPR_WORD = 0x80 / 8;

  private static final int EFER = 0xc000_0080;
  private static final int EFER_LMA = 1 << 10;
  private static final int CODE_64 = 1 << 13;

  /** MSRs that are VMCS fields. */
  private static final Map<Integer, Integer> IN_VMCS =
      Map.of(
          0x1d9,
          0x2802,
          0x277,
          0x2804,
          EFER,
          0x2806,
          0x174,
          0x482a,
          0x175,
          0x6824,
          0x176,
          0x6826,
          0xc000_0100,
          BASE + 2 * SegmentRegister.FS,
          0xc000_0101,
          BASE + 2 * SegmentRegister.GS);

  /** MSRs that the module saves itself, and by which field code. */
  private static final Map<Integer, Integer> SAVED =
      Map.of(
          0x48,
          0x48,
          0xda0,
          0xda0,
          0x1c4,
          0x1c4,
          0x1c5,
          0x1c5,
          0xc000_0081,
          0x2081,
          0xc000_0082,
          0x2082,
          0xc000_0084,
          0x2084,
          0xc000_0102,
          0x2102,
          0xc000_0103,
          0x2103,
          0xe1,
          0xe1);

  /** Where the XSAVE image has XMM0. */
  private static final int XMM_WORD = 160 / Long.BYTES;

  // The standard-form XSAVE image: components and where they are.
  private static final int X87 = 1;
  private static final int SSE = 2;
  private static final int AVX = 4;
  private static final int MXCSR = 24;
  private static final int REGISTERS = 32;
  private static final int XMM = 160;
  private static final int XMM_END = 416;
  private static final int HEADER = 512;
  private static final int EXTENDED = 576;
  private static final int AVX_END = 832;
  private static final int PKRU = 2688;
  private static final long INITIAL_CONTROL = 0x37f;

  private static final VarHandle LITTLE_ENDIAN =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final TdxVcpu vcpu;
  private TdxStatus refused = TdxStatus.SUCCESS;

  TdCpuState(TdxVcpu vcpu) {
    this.vcpu = vcpu;
  }

  /** The first status that was no success. */
  TdxStatus refused() {
    return refused;
  }

  private long read(long field) {
    FieldReply reply = vcpu.vm().tdx().vp().read(vcpu.lp(), vcpu.vp(), field);
    note(reply.status());
    return reply.status().isSuccess() ? reply.value() : 0;
  }

  private void write(long field, long value, long mask) {
    note(vcpu.vm().tdx().vp().write(vcpu.lp(), vcpu.vp(), field, value, mask).status());
  }

  private void note(TdxStatus status) {
    if (!status.isSuccess() && refused.isSuccess()) {
      refused = status;
    }
  }

  /** The identifier of a VMCS field: its encoding, with its width where identifiers have it. */
  private static long vmcs(int encoding) {
    long size =
        switch (encoding >>> 13 & 3) {
          case 0 -> 1;
          case 2 -> 2;
          default -> 3;
        };
    return VMCS | size << 32 | encoding;
  }

  private long readVmcs(int encoding) {
    return read(vmcs(encoding));
  }

  private void writeVmcs(int encoding, long value) {
    write(vmcs(encoding), value, -1);
  }

  // ---- general-purpose registers ----

  @Override
  public long gpr(int index) {
    return index == RSP ? readVmcs(STACK_POINTER) : read(GPR + index);
  }

  @Override
  public void setGpr(int index, long value) {
    if (index == RSP) {
      writeVmcs(STACK_POINTER, value);
    } else {
      write(GPR + index, value, -1);
    }
  }

  @Override
  public long rip() {
    return readVmcs(INSTRUCTION_POINTER);
  }

  @Override
  public void setRip(long value) {
    writeVmcs(INSTRUCTION_POINTER, value);
  }

  @Override
  public long rflags() {
    return readVmcs(FLAGS);
  }

  @Override
  public void setRflags(long value) {
    writeVmcs(FLAGS, value);
  }

  // ---- segments and tables ----

  @Override
  public SegmentRegister segment(int index) {
    return new SegmentRegister(
        (int) readVmcs(SELECTOR + 2 * index),
        readVmcs(BASE + 2 * index),
        (int) readVmcs(LIMIT + 2 * index),
        (int) readVmcs(ACCESS_RIGHTS + 2 * index));
  }

  @Override
  public void setSegment(int index, SegmentRegister value) {
    writeVmcs(SELECTOR + 2 * index, value.selector());
    writeVmcs(BASE + 2 * index, value.base());
    writeVmcs(LIMIT + 2 * index, Integer.toUnsignedLong(value.limit()));
    writeVmcs(ACCESS_RIGHTS + 2 * index, Integer.toUnsignedLong(value.accessRights()));
  }

  @Override
  public long gdtBase() {
    return readVmcs(GDTR_BASE);
  }

  @Override
  public int gdtLimit() {
    return (int) readVmcs(GDTR_LIMIT);
  }

  @Override
  public void setGdt(long base, int limit) {
    writeVmcs(GDTR_BASE, base);
    writeVmcs(GDTR_LIMIT, limit);
  }

  @Override
  public long idtBase() {
    return readVmcs(IDTR_BASE);
  }

  @Override
  public int idtLimit() {
    return (int) readVmcs(IDTR_LIMIT);
  }

  @Override
  public void setIdt(long base, int limit) {
    writeVmcs(IDTR_BASE, base);
    writeVmcs(IDTR_LIMIT, limit);
  }

  // ---- control and debug registers ----

  @Override
  public long cr(int number) {
    return switch (number) {
      case 0, 4 -> asGuest(number);
      case 2 -> read(STATE + CR2);
      case 3 -> readVmcs(CR0 + 2);
      default -> read(VAPIC + TPR_WORD) >>> 4 & 15;
    };
  }

  /** CR0 or CR4 as the guest sees it: bits that the module owns come from the read shadow. */
  private long asGuest(int number) {
    int half = number / 2;
    long owned = readVmcs(CR0_MASK + half);
    return readVmcs(CR0 + number) & ~owned | readVmcs(CR0_SHADOW + half) & owned;
  }

  /**
   * Sets a control register; CR8 is in the virtual APIC page, which the module lets nobody write.
   */
  @Override
  public void setCr(int number, long value) {
    switch (number) {
      case 0 -> writeVmcs(CR0, value);
      case 2 -> write(STATE + CR2, value, -1);
      case 3 -> writeVmcs(CR0 + 2, value);
      case 4 -> writeVmcs(CR0 + 4, value);
      default -> {}
    }
  }

  @Override
  public boolean readPdptes(long[] target) {
    return false; // they are read from the TD's memory
  }

  @Override
  public void writePdptes(long[] values) {
    // The module loads them from the TD's memory.
  }

  @Override
  public long dr(int number) {
    return number == 7 ? readVmcs(DR7) : read(STATE + number);
  }

  @Override
  public void setDr(int number, long value) {
    if (number == 7) {
      writeVmcs(DR7, value);
    } else {
      write(STATE + number, value, number == 6 ? 0xffff_ffffL : -1);
    }
  }

  /** Vectors whose exceptions leave the TD. */
  void interceptExceptions(int bits, int mask) {
    write(vmcs(EXCEPTION_BITMAP), bits, Integer.toUnsignedLong(mask));
  }

  @Override
  public long xcr0() {
    return read(STATE + XCR0);
  }

  /** XCR0 cannot be written: a value that it does not have is refused. */
  @Override
  public void setXcr0(long value) {
    if (value != xcr0()) {
      write(STATE + XCR0, value, -1);
    }
  }

  // ---- MSRs ----

  /** Whether an MSR is among a vCPU's metadata. */
  static boolean hasMsr(int index) {
    return IN_VMCS.containsKey(index) || SAVED.containsKey(index);
  }

  private static long msrField(int index) {
    Integer field = IN_VMCS.get(index);
    return field == null ? MSR + SAVED.getOrDefault(index, 0) : vmcs(field);
  }

  @Override
  public long msr(int index) {
    return hasMsr(index) ? read(msrField(index)) : 0;
  }

  @Override
  public boolean setMsr(int index, long value) {
    if (!hasMsr(index)) {
      return false;
    }
    TdxStatus before = refused;
    refused = TdxStatus.SUCCESS;
    write(msrField(index), value, -1);
    boolean done = refused.isSuccess();
    refused = before.isSuccess() ? refused : before;
    return done;
  }

  // ---- the rest ----

  @Override
  public int cpl() {
    return segment(SegmentRegister.SS).accessRights() >>> 5 & 3;
  }

  @Override
  public boolean in64BitMode() {
    return (msr(EFER) & EFER_LMA) != 0
        && (readVmcs(ACCESS_RIGHTS + 2 * SegmentRegister.CS) & CODE_64) != 0;
  }

  @Override
  public int activityState() {
    return (int) readVmcs(ACTIVITY);
  }

  @Override
  public void setActivityState(int state) {
    writeVmcs(ACTIVITY, state);
  }

  @Override
  public int interruptibility() {
    return (int) readVmcs(INTERRUPTIBILITY);
  }

  @Override
  public void setInterruptibility(int value) {
    writeVmcs(INTERRUPTIBILITY, value);
  }

  @Override
  public long pendingDebug() {
    return readVmcs(PENDING_DEBUG);
  }

  @Override
  public void setPendingDebug(long value) {
    writeVmcs(PENDING_DEBUG, value);
  }

  @Override
  public void readXsave(byte[] area) {
    for (int i = 0; i < area.length / Long.BYTES; i++) {
      LITTLE_ENDIAN.set(area, i * Long.BYTES, read(XBUFF + i));
    }
  }

  /**
   * Loads the image. The module keeps the header to itself: components that {@code area} does not
   * have are written in their initial configuration.
   */
  @Override
  public void writeXsave(byte[] area) {
    long components = (long) LITTLE_ENDIAN.get(area, HEADER);
    byte[] image = area.clone();
    if ((components & X87) == 0) {
      Arrays.fill(image, 0, MXCSR, (byte) 0);
      Arrays.fill(image, REGISTERS, XMM, (byte) 0);
      LITTLE_ENDIAN.set(image, 0, INITIAL_CONTROL);
    }
    if ((components & SSE) == 0) {
      Arrays.fill(image, XMM, XMM_END, (byte) 0);
    }
    if ((components & AVX) == 0) {
      Arrays.fill(image, EXTENDED, AVX_END, (byte) 0);
    }
    if ((components >>> 9 & 1) == 0) {
      Arrays.fill(image, PKRU, PKRU + Long.BYTES, (byte) 0);
    }
    byte[] now = new byte[area.length];
    readXsave(now);
    for (int at = 0; at < image.length; at += Long.BYTES) {
      long word = (long) LITTLE_ENDIAN.get(image, at);
      boolean header = at >= HEADER && at < EXTENDED;
      if (!header && word != (long) LITTLE_ENDIAN.get(now, at)) {
        write(XBUFF + at / Long.BYTES, word, -1);
      }
    }
  }

  @Override
  public void readXmm(int index, long[] target) {
    target[0] = read(XBUFF + XMM_WORD + 2L * index);
    target[1] = read(XBUFF + XMM_WORD + 2L * index + 1);
  }

  @Override
  public void writeXmm(int index, long low, long high) {
    write(XBUFF + XMM_WORD + 2L * index, low, -1);
    write(XBUFF + XMM_WORD + 2L * index + 1, high, -1);
  }
}
