package org.swtdx.seamcall;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Statuses are told apart by code, never by details. */
class TdxStatusTest {
  @ParameterizedTest
  @CsvSource({
    "0x0000000000000000, TDX_SUCCESS, true, false, false",
    "0x0000000000000030, TDX_SUCCESS(0x30), true, false, false",
    "0x4000000100000002, TDX_NON_RECOVERABLE_VCPU(0x2), false, false, true",
    "0x6000000500000000, TDX_NON_RECOVERABLE_TD_NON_ACCESSIBLE, false, false, true",
    "0x0000081500000000, TDX_KEY_CONFIGURED, true, false, false",
    "0x00000B0A00000001, TDX_PAGE_ALREADY_ACCEPTED(0x1), true, false, false",
    "0xC000010000000045, TDX_OPERAND_INVALID(CPUID_CONFIG), false, true, true",
    "0x8000020000000092, TDX_OPERAND_BUSY(SEPT_TREE), false, true, false",
    "0xC000073100000812, TD_VMCS_FIELD_ERROR(0x812), false, true, true",
    "0xE000060400000000, TDX_TD_FATAL, false, true, true",
    "0x8000FF00FFFF0000, TDX_SEAMCALL_FAILED(0xffff0000), false, true, false",
    "0x1234567800000000, TDX status 0x1234567800000000, true, false, false"
  })
  void statusesAreNamedAndClassified(
      String raw, String text, boolean success, boolean error, boolean nonRecoverable) {
    TdxStatus status = TdxStatus.of(Long.parseUnsignedLong(raw.substring(2), 16));

    assertThat(status).hasToString(text);
    assertThat(status.isSuccess()).isEqualTo(success);
    assertThat(status.isError()).isEqualTo(error);
    assertThat(status.isNonRecoverable()).isEqualTo(nonRecoverable);
  }

  @Test
  void everyCodeIsFoundUnderItsOwnBitsWhateverTheDetails() {
    for (StatusCode code : StatusCode.values()) {
      if (code != StatusCode.UNDEFINED && code != StatusCode.SEAMCALL_FAILED) {
        TdxStatus status = TdxStatus.of((long) code.bits() << 32 | 0x1234);
        assertThat(status.code()).isEqualTo(code);
        assertThat(status.is(code)).isTrue();
      }
    }
  }

  @Test
  void failuresOfTheInstructionAreTheHostsOwn() {
    assertThat(TdxStatus.of(0x8000_ff00_0000_000dL).isSoftwareError()).isTrue();
    assertThat(TdxStatus.of(0xc000_0100_0000_0000L).isSoftwareError()).isFalse();
  }
}
