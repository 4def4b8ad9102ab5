package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.kvm.uapi.KvmIoctl;

/** Whatever a program does: the supervisor lives, nothing waits for ever, nothing is left. */
@Timeout(120)
final class HostileProgramsTest {
  @ParameterizedTest
  @CsvSource({
    "closing, 0",
    "dying, 0",
    "replaced, 3",
    "headless, 0",
    "unmapped, 0",
    "truncated, 0",
    "sources, 0",
    "elsewhere, 0",
    "filtered, 0"
  })
  void areServedToTheirEnd(String program, int status) throws Exception {
    assertThat(run(NativeClient.script("hostile.py", program), status)).isEmpty();
  }

  @Test
  void pointersToNothing() throws Exception {
    String numbers =
        Arrays.stream(KvmIoctl.class.getFields())
            .filter(field -> field.getType() == int.class)
            .map(HostileProgramsTest::value)
            .filter(number -> number != KvmIoctl.RUN)
            .map(number -> Integer.toUnsignedString(number))
            .collect(Collectors.joining(","));

    List<String> said = run(NativeClient.script("hostile.py", "pointers", numbers), 0);

    assertThat(said).noneMatch(line -> line.contains("failed inside swtdx"));
  }

  @Test
  void slotsWhereNoMemoryIs() throws Exception {
    assertThat(run(NativeClient.script("hostile.py", "places"), 0))
        .isNotEmpty()
        .allMatch(line -> line.matches("guest memory at 0x[0-9a-f]+ of process \\d+: .+"));
  }

  @Test
  void aProgramUnderADebuggerIsToldWhatItCanLend() throws Exception {
    assertThat(run(NativeClient.script("hostile.py", "traced"), 0))
        .singleElement()
        .asString()
        .contains("cannot be traced", "another tracer", "memory of a memfd can be lent");
  }

  @Test
  void aThreadThatCannotBeStoppedIsNotWaitedForForEver() throws Exception {
    assertThat(run(NativeClient.script("hostile.py", "unstoppable"), 0))
        .singleElement()
        .asString()
        .contains("cannot be stopped", "a child of vfork");
  }

  @Test
  void aProgramWhoseOwnFilterForbidsTheMoveIsToldSo() throws Exception {
    assertThat(run(NativeClient.script("hostile.py", "forbidding"), 0))
        .isNotEmpty()
        .allMatch(line -> line.contains("a seccomp filter of thread"));
  }

  /** What was said while a program ran on a host of its own. */
  private static List<String> run(List<String> command, int status) throws Exception {
    NativeClient.requireLinux();
    try (TestHost machine = new TestHost();
        Warnings warnings = new Warnings()) {
      assertThat(new Lender(machine.kvm()).run(command, NativeClient.ENVIRONMENT))
          .isEqualTo(status);
      NativeClient.assertNothingLeft(machine.kvm());
      assertThat(NativeClient.supervisingThreads()).isEmpty();
      return warnings.said();
    }
  }

  private static int value(Field field) {
    try {
      return field.getInt(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
