package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.memory.Hpa;
import org.swtdx.tdxmodule.status.Status;

/** What the host sees and does when it touches the physical pages of TDs behind their backs. */
class EncryptionTest {
  private static final int PAGE = 4096;
  private static final int UNIT = 16; // an AES block
  private static final long GPA = 0x80_0000;
  private static final long DEBUG = 1;

  private final Host host = Host.ready();

  @AfterEach
  void close() {
    host.close();
  }

  /** A TD with the same content at two addresses; returns its root and the two pages. */
  private long[] td(int keyId, long attributes) {
    long tdr = host.initializedTd(keyId, attributes);
    host.addSept(tdr, GPA, 0);
    long[] pages = {host.page(), host.page()};
    for (int i = 0; i < pages.length; i++) {
      host.host().write(new Hpa(Host.SOURCE), content(), 0, PAGE);
      Host.ok(host.call(Host.PAGE_ADD, GPA + PAGE * (long) i, tdr, pages[i], Host.SOURCE));
    }
    return new long[] {tdr, pages[0], pages[1]};
  }

  private static byte[] content() {
    byte[] content = new byte[PAGE];
    Arrays.fill(content, (byte) 0x5a);
    return content;
  }

  private byte[] read(long hpa) {
    byte[] bytes = new byte[PAGE];
    host.host().read(new Hpa(hpa), bytes, 0, PAGE);
    return bytes;
  }

  private void write(long hpa, byte[] bytes) {
    host.host().write(new Hpa(hpa), bytes, 0, bytes.length);
  }

  @Test
  void equalPagesHaveDifferentCiphertextInEachTdAndAtEachAddress() {
    long[] first = td(Host.TD_KEYID, 0);
    long[] second = td(Host.TD_KEYID + 1, 0);

    Set<String> blocks = new HashSet<>();
    for (long page : new long[] {first[1], first[2], second[1], second[2]}) {
      byte[] seen = read(page);
      assertThat(seen).as("stable").isEqualTo(read(page));
      for (int at = 0; at < PAGE; at += UNIT) {
        blocks.add(Arrays.toString(Arrays.copyOfRange(seen, at, at + UNIT)));
      }
    }

    assertThat(blocks).as("no block of ciphertext twice").hasSize(4 * PAGE / UNIT);
  }

  @Test
  void theNextTdWithTheSameKeyIdHasAnotherKey() {
    long[] first = td(Host.TD_KEYID, 0);
    byte[] before = read(first[1]);
    host.stop(first[0]);
    for (long frame : host.frames()) {
      host.call(Host.PAGE_RECLAIM, frame);
    }
    Host.ok(host.call(Host.PAGE_RECLAIM, first[0]));

    long tdr = host.initializedTd(Host.TD_KEYID, 0);
    host.addSept(tdr, GPA, 0);
    write(Host.SOURCE, content());
    Host.ok(host.call(Host.PAGE_ADD, GPA, tdr, first[1], Host.SOURCE));

    assertThat(read(first[1])).isNotEqualTo(before);
  }

  static Stream<Arguments> tampering() {
    return Stream.of(
        attack("one byte flipped", (t, pages) -> t.flip(pages[1] + 0x123)),
        attack(
            "its own ciphertext written back", (t, pages) -> t.write(pages[1], t.read(pages[1]))),
        attack(
            "another page of the TD moved there",
            (t, pages) -> t.write(pages[1], t.read(pages[2]))),
        attack("plaintext written", (t, pages) -> t.write(pages[1], content())),
        attack("zeroed", (t, pages) -> t.write(pages[1], new byte[PAGE])));
  }

  private static Arguments attack(String name, BiConsumer<EncryptionTest, long[]> attack) {
    return Arguments.of(name, attack);
  }

  private void flip(long hpa) {
    host.host().write8(new Hpa(hpa), host.host().read64(new Hpa(hpa & -8L)) == 0 ? 1 : 0);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tampering")
  void whatTheHostWroteIsDetectedWhenTheTdReadsIt(
      String name, BiConsumer<EncryptionTest, long[]> attack) {
    long[] td = td(Host.TD_KEYID, DEBUG);
    Host.ok(host.call(Host.MEM_RD, GPA + 0x120, td[0]));
    assertThat(host.regs.r8).isEqualTo(0x5a5a5a5a5a5a5a5aL);

    attack.accept(this, td);

    assertThat(host.call(Host.MEM_RD, GPA + 0x120, td[0])).isEqualTo(Status.TD_FATAL);
    assertThat(host.td(td[0]).fatal()).isTrue();
    host.stop(td[0]);
  }

  @Test
  void anOldCiphertextIsNotTakenForTheNewContent() {
    long[] td = td(Host.TD_KEYID, DEBUG);
    byte[] old = read(td[1]);
    Host.ok(host.call(Host.MEM_WR, GPA + 0x120, td[0], 1));

    write(td[1], old);

    assertThat(host.call(Host.MEM_RD, GPA + 0x120, td[0])).isEqualTo(Status.TD_FATAL);
  }

  @Test
  void readingHarmsNothing() {
    long[] td = td(Host.TD_KEYID, DEBUG);
    assertThat(read(td[1])).isNotEqualTo(content());

    Host.ok(host.call(Host.MEM_RD, GPA, td[0]));

    assertThat(host.regs.r8).isEqualTo(0x5a5a5a5a5a5a5a5aL);
  }

  @Test
  void controlPagesAreNoMoreReadableThanMemory() {
    long[] td = td(Host.TD_KEYID, 0);
    Set<String> seen = new HashSet<>();
    for (long page : host.td(td[0]).tdcxPages()) {
      byte[] bytes = read(page);
      assertThat(bytes).isNotEqualTo(new byte[PAGE]);
      seen.add(Arrays.toString(bytes));
    }
    assertThat(seen).hasSize(6);
  }
}
