package org.swtdx.tdxmodule.virt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.tdxmodule.virt.TdMsrs.Action;

class TdMsrsTest {
  @ParameterizedTest
  @CsvSource({
    "0x10, NATIVE, VIRTUALIZATION_EXCEPTION",
    "0x1b, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
    "0x3a, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
    "0x48, NATIVE, NATIVE",
    "0x87, GENERAL_PROTECTION, GENERAL_PROTECTION",
    "0x8c, GENERAL_PROTECTION, GENERAL_PROTECTION",
    "0x8f, GENERAL_PROTECTION, GENERAL_PROTECTION",
    "0x90, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
    "0xc1, GENERAL_PROTECTION, GENERAL_PROTECTION",
    "0xbd, MODULE, NATIVE",
    "0x10a, MODULE, NATIVE",
    "0x174, NATIVE, NATIVE",
    "0x186, GENERAL_PROTECTION, GENERAL_PROTECTION",
    "0x1a0, MODULE, VIRTUALIZATION_EXCEPTION",
    "0x1d9, MODULE, MODULE",
    "0x200, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
    "0x277, NATIVE, NATIVE",
    "0x2ff, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
    "0x345, MODULE, GENERAL_PROTECTION",
    "0x480, MODULE, GENERAL_PROTECTION",
    "0x481, VIRTUALIZATION_EXCEPTION, GENERAL_PROTECTION",
    "0x6a0, GENERAL_PROTECTION, GENERAL_PROTECTION",
    "0x6e1, GENERAL_PROTECTION, GENERAL_PROTECTION",
    "0x800, GENERAL_PROTECTION, GENERAL_PROTECTION",
    "0x802, MODULE, GENERAL_PROTECTION",
    "0x803, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
    "0x808, NATIVE, NATIVE",
    "0x80b, NATIVE, NATIVE",
    "0x82f, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
    "0x830, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
    "0x832, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
    "0x83f, NATIVE, NATIVE",
    "0x982, GENERAL_PROTECTION, GENERAL_PROTECTION",
    "0xda0, NATIVE, MODULE",
    "0x1500, GENERAL_PROTECTION, GENERAL_PROTECTION",
    "0x1fff, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
    "0x2000, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
    "0x4b564d00, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
    "0xc0000080, NATIVE, MODULE",
    "0xc0000082, NATIVE, NATIVE",
    "0xc0000083, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
    "0xc0000100, NATIVE, NATIVE",
    "0xc0000103, NATIVE, NATIVE",
    "0xc0002000, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
    "0xffffffff, VIRTUALIZATION_EXCEPTION, VIRTUALIZATION_EXCEPTION",
  })
  void accessDoesWhatTheTableSays(String msr, Action read, Action write) throws Exception {
    TdMsrs msrs = msrs(new TdParamsImage());
    int number = Long.decode(msr).intValue();

    assertThat(msrs.action(number, false)).isEqualTo(read);
    assertThat(msrs.action(number, true)).isEqualTo(write);
    assertThat(msrs.exits(number, false)).isEqualTo(read != Action.NATIVE);
    assertThat(msrs.exits(number, true)).isEqualTo(write != Action.NATIVE);
  }

  @Test
  void featureMakesItsRegisterNative() throws Exception {
    TdMsrs msrs = msrs(new TdParamsImage().attributes(TdAttributes.PKS));

    assertThat(msrs.action(0x6e1, false)).isEqualTo(Action.NATIVE);
    assertThat(msrs.action(0x6e1, true)).isEqualTo(Action.NATIVE);
  }

  @Test
  void deadlineTimerRaisesVeOnlyWhenTheGuestSeesOne() throws Exception {
    TdMsrs without = msrs(new TdParamsImage());
    TdMsrs with = msrs(new TdParamsImage().cpuid(1, -1, 2, 1 << 24));

    assertThat(without.action(0x6e0, true)).isEqualTo(Action.GENERAL_PROTECTION);
    assertThat(with.action(0x6e0, true)).isEqualTo(Action.VIRTUALIZATION_EXCEPTION);
  }

  private static TdMsrs msrs(TdParamsImage image) throws Exception {
    return TdParameters.check(image.bytes(), CpuidModel.nativeModel()).msrs();
  }
}
