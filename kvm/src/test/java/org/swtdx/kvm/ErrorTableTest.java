package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmIoctl;

/**
 * Every line of {@code errors.tsv}, which is also a page of the documentation: what an ioctl
 * answers to an argument, in a state of the VM.
 */
class ErrorTableTest {
  @AutoClose private static TestHost machine;

  record Row(String state, String file, String ioctl, String argument, String result, String why) {
    static Row parse(String line) {
      String[] parts = line.split("\t", -1);
      assertThat(parts).as(line).hasSize(6);
      return new Row(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);
    }

    @Override
    public String toString() {
      return state + ", " + file + ": " + ioctl + " " + argument + " gives " + result + ", " + why;
    }
  }

  static Stream<Row> rows() throws IOException {
    try (InputStream in = ErrorTableTest.class.getResourceAsStream("errors.tsv")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().toList().stream().map(Row::parse);
    }
  }

  @BeforeAll
  static void start() {
    machine = new TestHost();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void answers(Row row) {
    ErrorTableState state = ErrorTableState.of(machine, row.state());

    int result = state.call(row.file(), number(row.ioctl()), row.argument());

    assertThat(Errno.name(result)).as(row.toString()).isEqualTo(expected(row.result()));
    state.process.exit();
    machine.everythingIsGivenBack();
  }

  private static String expected(String result) {
    return result.startsWith("0x") ? Integer.toString(Integer.decode(result)) : result;
  }

  static int number(String ioctl) {
    try {
      return ioctl.startsWith("0x")
          ? Integer.decode(ioctl)
          : KvmIoctl.class.getField(ioctl).getInt(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no such ioctl: " + ioctl, e);
    }
  }

  /** A handled ioctl without a line here would be a hole in the table. */
  @Test
  void everyIoctlHasALine() throws Exception {
    var covered = rows().map(Row::ioctl).collect(java.util.stream.Collectors.toSet());
    var numbers =
        Arrays.stream(KvmIoctl.class.getFields()).map(Field::getName).filter(n -> !n.isEmpty());
    var missing = numbers.filter(name -> !covered.contains(name)).toList();

    assertThat(missing).as("its result is a descriptor").containsExactly("GET_STATS_FD");
  }
}
