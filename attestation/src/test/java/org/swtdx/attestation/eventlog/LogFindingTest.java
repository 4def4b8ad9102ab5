package org.swtdx.attestation.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.attestation.eventlog.Logs.text;
import static org.swtdx.attestation.eventlog.Logs.variable;
import static org.swtdx.attestation.eventlog.Logs.wide;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.swtdx.attestation.eventlog.DigestCheck.Verdict;

class LogFindingTest {
  @Test
  void aSoundLogHasNoFindings() {
    assertThat(LogFinding.of(Logs.boot().log())).isEmpty();
  }

  @Test
  void dataThatAreNotWhatTheDigestCoversAreAnError() {
    EventLog log =
        new Logs()
            .add(1, 0x80000001, variable("db", new byte[3]), text("something else"))
            .add(1, 0x80000002, variable("BootOrder", new byte[2]), text("something else"))
            .add(3, 0xd, text("grub_cmd: boot\0"), text("something else"))
            .add(4, 0x6, Logs.tagged(0x4141454c, text("a b c")), text("something else"))
            .add(2, 0x80000007, text("Exit"), text("something else"))
            .log();

    List<LogFinding> findings = LogFinding.of(log);

    assertThat(findings)
        .hasSize(5)
        .allMatch(f -> f.severity() == LogFinding.Severity.ERROR)
        .allMatch(f -> f.text().contains("the digest is not the one of"));
    assertThat(LogFinding.anyError(findings)).isTrue();
  }

  @Test
  void registersThatNoGuestExtendsAreAnError() {
    List<LogFinding> findings =
        LogFinding.of(
            new Logs()
                .add(0, 0x4, new byte[4])
                .add(5, 0x4, new byte[4])
                .add(-1, 4, new byte[4])
                .log());

    assertThat(findings).extracting(LogFinding::event).containsExactly(0, 1, 2);
    assertThat(findings.get(0).text()).contains("MRTD");
    assertThat(findings.get(1).text()).contains("MR index 5");
    assertThat(LogFinding.anyError(findings)).isTrue();
  }

  @Test
  void anUnknownTypeIsARemark() {
    List<LogFinding> findings = LogFinding.of(new Logs().add(1, 0x7777, new byte[1]).log());

    assertThat(findings)
        .singleElement()
        .extracting(LogFinding::text)
        .asString()
        .contains("0x00007777");
    assertThat(LogFinding.anyError(findings)).isFalse();
  }

  @Test
  void digestsAreTracedToWhatTheyCover() {
    assertThat(check(0xd, wide(".linux\0"), text(".linux\0")))
        .isEqualTo(new DigestCheck(Verdict.MATCHES, "the section's name"));
    assertThat(check(0xd, text("grub_cmd set a\0"), text("set a\0")))
        .isEqualTo(new DigestCheck(Verdict.MATCHES, "the text and its NUL"));
    assertThat(check(0x80000002, variable("Boot0000", text("x")), text("x")).covers())
        .isEqualTo("the variable's contents");
    assertThat(check(0x80000003, new byte[40], text("x")))
        .isEqualTo(new DigestCheck(Verdict.NOT_IN_LOG, "the image's Authenticode hash"));
    assertThat(check(0x3, text("StartupLocality"), text("x")).verdict())
        .isEqualTo(Verdict.NOT_IN_LOG);
  }

  private static DigestCheck check(int type, byte[] data, byte[] measured) {
    return DigestCheck.of(new Logs().add(1, type, data, measured).log().events().getFirst());
  }
}
