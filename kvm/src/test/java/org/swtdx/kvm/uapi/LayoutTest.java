package org.swtdx.kvm.uapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Sizes and offsets of the user ABI, as the exported kernel headers have them. */
class LayoutTest {
  private static <T extends Struct> void field(int offset, T struct, Consumer<T> writer) {
    struct.segment().fill((byte) 0);
    writer.accept(struct);
    for (long at = 0; at < struct.segment().byteSize(); at++) {
      if (struct.segment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, at) != 0) {
        assertThat(at).as(struct.getClass().getSimpleName()).isEqualTo(offset);
        return;
      }
    }
    throw new AssertionError("nothing was written");
  }

  @Test
  void sizesAreTheHeaders() {
    assertThat(
            List.of(
                KvmTdxCmd.SIZE,
                KvmTdxCapabilities.SIZE + KvmCpuid2.SIZE,
                KvmTdxInitVm.SIZE + KvmCpuid2.SIZE,
                KvmTdxInitMemRegion.SIZE,
                KvmCpuid2.ENTRY_SIZE,
                KvmUserspaceMemoryRegion.SIZE,
                KvmUserspaceMemoryRegion2.SIZE,
                KvmCreateGuestMemfd.SIZE,
                KvmMemoryAttributes.SIZE,
                KvmPreFaultMemory.SIZE,
                KvmEnableCap.SIZE,
                KvmRegs.SIZE,
                KvmSregs.SIZE,
                KvmFpu.SIZE,
                KvmLapicState.SIZE,
                KvmMsi.SIZE,
                KvmIrqRouting.ENTRY_SIZE,
                KvmClockData.SIZE,
                KvmVcpuEvents.SIZE,
                KvmXsave.SIZE,
                KvmXcrs.SIZE,
                KvmDebugRegs.SIZE,
                KvmRun.SIZE))
        .containsExactly(
            24, 2056, 264, 24, 40, 32, 160, 64, 32, 64, 104, 144, 312, 416, 1024, 32, 48, 48, 64,
            4096, 392, 128, 12288);
  }

  @Test
  void commandFieldsAreWhereTheHeadersHaveThem() {
    field(4, new KvmTdxCmd(), s -> s.flags(1));
    field(8, new KvmTdxCmd(), s -> s.data(1));
    field(16, new KvmTdxCmd(), s -> s.hwError(1));
    field(64, KvmTdxInitVm.withCapacity(1), s -> s.mrowner(0, 1));
    field(112, KvmTdxInitVm.withCapacity(1), s -> s.mrownerconfig(0, 1));
    field(160, KvmTdxInitVm.withCapacity(1), s -> s.reserved(0, 1));
    field(264 + 16, KvmTdxInitVm.withCapacity(1), s -> s.cpuid().ebx(0, 1));
    field(40, KvmTdxCapabilities.withCapacity(1), s -> s.userTdvmcallinfo1R12(1));
    field(2056 + 40 + 12, KvmTdxCapabilities.withCapacity(2), s -> s.cpuid().eax(1, 1));
    field(40, new KvmUserspaceMemoryRegion2(), s -> s.guestMemfd(1));
    field(32, new KvmUserspaceMemoryRegion2(), s -> s.guestMemfdOffset(1));
    field(8 + 48 + 24, new KvmIrqRouting(2), s -> s.msiData(1, 1));
  }

  @Test
  void runFieldsAreWhereTheHeadersHaveThem() {
    field(1, new KvmRun(), s -> s.immediateExit(1));
    field(8, new KvmRun(), s -> s.exitReason(1));
    field(34, new KvmRun(), s -> s.ioPort(1));
    field(40, new KvmRun(), s -> s.ioDataOffset(1));
    field(40, new KvmRun(), s -> s.mmioData(1));
    field(52, new KvmRun(), s -> s.mmioIsWrite(1));
    field(88, new KvmRun(), s -> s.hypercallRet(1));
    field(96, new KvmRun(), s -> s.hypercallFlags(1));
    field(48, new KvmRun(), s -> s.tdxRet(1));
    field(64, new KvmRun(), s -> s.tdxData(1, 1));
    field(136, new KvmRun(), s -> s.systemEventData(12, 1));
    field(40, new KvmRun(), s -> s.memoryFaultGpa(1));
    field(288, new KvmRun(), s -> s.validRegs(1));
    field(4096, new KvmRun(), s -> s.ioData8(0, 1));
  }

  @Test
  void registerFieldsAreWhereTheHeadersHaveThem() {
    field(128, new KvmRegs(), s -> s.rip(1));
    field(24 * 5 + 12, new KvmSregs(), s -> s.selector(KvmSregs.SS, 1));
    field(224, new KvmSregs(), s -> s.cr0(1));
    field(272, new KvmSregs(), s -> s.apicBase(1));
    field(408, new KvmFpu(), s -> s.mxcsr(1));
    field(16 * 0x38, new KvmLapicState(), s -> s.reg(0x38, 1));
  }
}
