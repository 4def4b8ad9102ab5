package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.cpu.ExitReason;

/** What CPUID advertises executes, and what it does not advertise is undefined. */
class AdvertisedFeatureTest {
  /** Feature, leaf, register (a to d) and bit, and an instruction of it. */
  @ParameterizedTest
  @CsvSource({
    "SSE3, 1, c, 0, f20f7cc1",
    "PCLMULQDQ, 1, c, 1, 660f3a44c100",
    "SSSE3, 1, c, 9, 660f3800c1",
    "FMA, 1, c, 12, c4e27198c2",
    "CMPXCHG16B, 1, c, 13, 480fc70f",
    "SSE4.1, 1, c, 19, 660f3a0ec100",
    "SSE4.2, 1, c, 20, 660f3a63c100",
    "CRC32, 1, c, 20, f20f38f0c1",
    "MOVBE, 1, c, 22, 0f38f007",
    "POPCNT, 1, c, 23, f30fb8c1",
    "AES, 1, c, 25, 660f38dcc1",
    "XSAVE, 1, c, 26, 0fae27",
    "AVX, 1, c, 28, c5f058c2",
    "F16C, 1, c, 29, c4e27913c1",
    "RDRAND, 1, c, 30, 0fc7f0",
    "FPU, 1, d, 0, d9e8",
    "CX8, 1, d, 8, 0fc70f",
    "CMOV, 1, d, 15, 0f42c1",
    "CLFLUSH, 1, d, 19, 0fae3f",
    "MMX, 1, d, 23, 0ffcc1",
    "FXSR, 1, d, 24, 0fae07",
    "SSE, 1, d, 25, 0f58c1",
    "SSE2, 1, d, 26, 660f58c1",
    "FSGSBASE, 7, b, 0, f3480faec0",
    "BMI1, 7, b, 3, c4e270f2c2",
    "AVX2, 7, b, 5, c5f5fec2",
    "BMI2, 7, b, 8, c4e2fbf6c1",
    "INVPCID, 7, b, 10, 660f38820f",
    "RDSEED, 7, b, 18, 0fc7f8",
    "ADX, 7, b, 19, 660f38f6c1",
    "CLFLUSHOPT, 7, b, 23, 660fae3f",
    "CLWB, 7, b, 24, 660fae37",
    "SHA, 7, b, 29, 0f38c8c1",
    "WAITPKG, 7, c, 5, 660faef0",
    "GFNI, 7, c, 8, 660f38cfc1",
    "VAES, 7, c, 9, c4e275dcc2",
    "RDPID, 7, c, 22, f30fc7f8",
    "CLDEMOTE, 7, c, 25, 0f1c07",
    "MOVDIRI, 7, c, 27, 0f38f907",
    "MOVDIR64B, 7, c, 28, 660f38f83f",
    "ENQCMD, 7, c, 29, f20f38f83f",
    "SERIALIZE, 7, d, 14, 0f01e8",
    "AVX512F, 7, b, 16, 62f1744858c2",
    "SGX, 7, b, 2, 0f01d7",
    "LAHF64, 80000001, c, 0, 9f",
    "LZCNT, 80000001, c, 5, f30fbdc1",
    "PREFETCHW, 80000001, c, 8, 0f0d0f",
    "RDTSCP, 80000001, d, 27, 0f01f9",
    "XSAVEOPT, d, a, 0, 0fae37",
    "XSAVEC, d, a, 1, 0fc727",
    "XSAVES, d, a, 3, 0fc72f",
  })
  void advertisedInstructionsExecute(
      String name, String leaf, char register, int bit, String code) {
    int number = Integer.parseUnsignedInt(leaf, 16);
    CpuidModel.Result result = CpuidModel.nativeModel().cpuid(number, number == 0xd ? 1 : 0);
    int value =
        switch (register) {
          case 'a' -> result.eax();
          case 'b' -> result.ebx();
          case 'c' -> result.ecx();
          default -> result.edx();
        };
    boolean hint = name.equals("CLDEMOTE");
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setCr(4, 0x506a0);
      m.state().setXcr0(7);
      m.state().setGpr(CpuState.RDI, GuestMachine.DATA);
      m.state().setGpr(CpuState.RAX, -1);
      m.state().setGpr(CpuState.RCX, 0);
      boolean executes = m.run(code + "f4") == ExitReason.HLT.number();
      assertThat(executes || m.handledVector() == 6).isTrue();
      assertThat(executes).as(name).isEqualTo((value >>> bit & 1) != 0 || hint);
    }
  }
}
