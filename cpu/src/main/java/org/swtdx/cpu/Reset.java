package org.swtdx.cpu;

/** The register state after INIT, SDM Vol. 3A table 11-1. */
final class Reset {
  private static final int CODE = 0x9b, DATA = 0x93, LDT = 0x82, BUSY_TSS = 0x8b;

  private Reset() {}

  static void apply(CpuState state) {
    state.setCr(0, 0x6000_0010);
    state.setGpr(CpuState.RDX, CpuidModel.nativeModel().cpuid(1, 0).eax());
    state.setRip(0xfff0);
    state.setRflags(2);
    for (int register = SegmentRegister.ES; register <= SegmentRegister.GS; register++) {
      state.setSegment(register, new SegmentRegister(0, 0, 0xffff, DATA));
    }
    state.setSegment(SegmentRegister.CS, new SegmentRegister(0xf000, 0xffff_0000L, 0xffff, CODE));
    state.setSegment(SegmentRegister.LDTR, new SegmentRegister(0, 0, 0xffff, LDT));
    state.setSegment(SegmentRegister.TR, new SegmentRegister(0, 0, 0xffff, BUSY_TSS));
    state.setGdt(0, 0xffff);
    state.setIdt(0, 0xffff);
  }
}
