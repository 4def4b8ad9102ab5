package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class OptionSyntaxTest {
  @ParameterizedTest
  @CsvSource({
    "512M,536870912",
    "4G,4294967296",
    "1g,1073741824",
    "65536K,67108864",
    "1T,1099511627776",
    "256,268435456"
  })
  void memoryIsReadAsQemuReadsIt(String text, long bytes) {
    assertThat(new MemorySize.Converter().convert(text)).isEqualTo(new MemorySize(bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "G", "0", "-1G", "1.5G", "1X", "9999999999T", "0x10M"})
  void memoryThatIsNoAmountIsRefused(String text) {
    assertThatThrownBy(() -> new MemorySize.Converter().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("512M or 4G");
  }

  @ParameterizedTest
  @CsvSource({"90,90000", "90s,90000", "1.5m,90000", "500ms,500", "2h,7200000", "0.25,250"})
  void durationsAreReadAsTimeoutReadsThem(String text, long millis) {
    assertThat(new TimeSpan().convert(text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "s", "-5s", "5w", "1e3", "1.2345s", "99999999999"})
  void durationsThatAreNoneAreRefused(String text) {
    assertThatThrownBy(() -> new TimeSpan().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("90s");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "file:", "pty", "stdout"})
  void serialTargetsThatAreNoneAreRefused(String text) {
    assertThatThrownBy(() -> new SerialTarget.Converter().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("file:PATH");
  }
}
