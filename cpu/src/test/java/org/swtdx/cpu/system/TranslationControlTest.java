package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;

/** PCIDs, INVPCID, and the state components in use. */
class TranslationControlTest {
  private static final int HLT = ExitReason.HLT.number();
  private static final long PCIDE = 1 << 17;

  /** CR4.PCIDE, type, PCID field and address of the descriptor; the vector or -1. */
  @ParameterizedTest
  @CsvSource({
    "true, 0, 0x5, 0x200000, -1",
    "true, 0, 0x5, 0x8000000000000000, 13",
    "true, 1, 0xfff, 0x8000000000000000, -1",
    "true, 2, 0, 0, -1",
    "true, 3, 0, 0, -1",
    "true, 4, 0, 0, 13",
    "true, 0x100000000, 0, 0, 13",
    "true, 2, 0x1000, 0, 13",
    "false, 0, 0, 0x200000, -1",
    "false, 0, 1, 0x200000, 13",
    "false, 1, 1, 0, 13",
    "false, 2, 1, 0, -1"
  })
  void invpcidChecksTypeAndDescriptor(
      boolean pcids, String type, String pcid, String address, int vector) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setCr(4, m.state().cr(4) | (pcids ? PCIDE : 0));
      m.write64(GuestMachine.DATA, Long.decode(pcid));
      m.write64(GuestMachine.DATA + 8, Long.parseUnsignedLong(address.replace("0x", ""), 16));
      m.state().setGpr(CpuState.RAX, Long.decode(type));
      m.state().setGpr(CpuState.RDI, GuestMachine.DATA);
      int reason = m.run("660f388207 f4");
      assertThat(vector == -1 ? reason : m.handledVector()).isEqualTo(vector == -1 ? HLT : vector);
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2", "3"})
  void invpcidDropsWhatItNames(int type) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      // mov rbx,[rcx]; change the entry behind the TLB; invpcid; mov rdx,[rcx]
      m.write64(0x400000, 1);
      m.write64(0x600000, 2);
      m.write64(GuestMachine.DATA, 0);
      m.write64(GuestMachine.DATA + 8, 0x400000);
      CpuState s = m.state();
      s.setGpr(CpuState.RCX, 0x400000);
      s.setGpr(CpuState.RSI, GuestMachine.TABLES + 0x2010);
      s.setGpr(CpuState.RAX, type);
      s.setGpr(CpuState.RDI, GuestMachine.DATA);
      assertThat(m.run("488b19 48c70687006000 660f388207 488b11 f4")).isEqualTo(HLT);
      assertThat(s.gpr(CpuState.RBX)).isEqualTo(1);
      assertThat(s.gpr(CpuState.RDX)).isEqualTo(2);
    }
  }

  @Test
  void noFlushBitOfCr3IsNotKeptAndNeedsPcids() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      long value = Long.MIN_VALUE | GuestMachine.TABLES | 5;
      m.state().setGpr(CpuState.RAX, value);
      m.run("0f22d8 f4");
      assertThat(m.handledVector()).isEqualTo(13);
    }
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setCr(4, m.state().cr(4) | PCIDE);
      m.state().setGpr(CpuState.RAX, Long.MIN_VALUE | GuestMachine.TABLES | 5);
      assertThat(m.run("0f22d8 0f20db f4")).isEqualTo(HLT);
      assertThat(m.state().gpr(CpuState.RBX)).isEqualTo(GuestMachine.TABLES | 5);
    }
  }

  /** PCIDE can be set in IA-32e mode with PCID 0 only, and keeps paging on. */
  @ParameterizedTest
  @CsvSource({"0x0, -1", "0x1, 13", "0x18, 13"})
  void pcidsBeginWithPcidZero(String low, int vector) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setCr(3, GuestMachine.TABLES | Long.decode(low));
      m.state().setGpr(CpuState.RAX, m.state().cr(4) | PCIDE);
      int reason = m.run("0f22e0 f4");
      assertThat(vector == -1 ? reason : m.handledVector()).isEqualTo(vector == -1 ? HLT : vector);
    }
    try (GuestMachine m = new GuestMachine().protected32()) {
      m.state().setGpr(CpuState.RAX, PCIDE);
      m.run("0f22e0 f4");
      assertThat(m.handledVector()).as("outside IA-32e mode").isEqualTo(13);
    }
  }

  @Test
  void xgetbvReportsComponentsInUse() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setCr(4, m.state().cr(4) | 1 << 18);
      m.state().setXcr0(7);
      // xgetbv(1); pxor-free state, then movd xmm0, eax and vinsertf128: all in turn
      assertThat(m.run("b901000000 0f01d0 89c3 660f6ec1 0f01d0 89c6 d9e8 0f01d0 89c7 f4"))
          .isEqualTo(HLT);
      assertThat(m.state().gpr(CpuState.RBX)).as("initial").isZero();
      assertThat(m.state().gpr(CpuState.RSI)).as("SSE").isEqualTo(2);
      assertThat(m.state().gpr(CpuState.RDI)).as("x87 and SSE").isEqualTo(3);
    }
  }

  @Test
  void aFaultingIretStillUnblocksNmis() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setInterruptibility(GuestSystem.BLOCKED_BY_NMI);
      // push 70h as CS: outside the GDT
      m.run("6a23 6a00 6a02 6a70 6a00 48cf");
      assertThat(m.handledVector()).isEqualTo(13);
      assertThat(m.state().interruptibility()).isZero();
    }
  }
}
