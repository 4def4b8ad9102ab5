package org.swtdx.kvm.irqchip;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The 8259 pair, as its data sheet has it. */
class PicPairTest {
  private final boolean[] output = new boolean[1];
  private final PicPair pair = new PicPair(level -> output[0] = level);

  private void write(int port, int... values) {
    for (int value : values) {
      pair.writePort(port, value);
    }
  }

  /** Vectors 0x20 and 0x28, nothing masked. */
  private void initialise(int lastWord) {
    write(0x20, 0x11);
    write(0x21, 0x20, 4, lastWord, 0);
    write(0xa0, 0x11);
    write(0xa1, 0x28, 2, 1, 0);
  }

  private int inService(int port) {
    write(port, 0x0b);
    return pair.readPort(port);
  }

  private int requested(int port) {
    write(port, 0x0a);
    return pair.readPort(port);
  }

  @Test
  void anEdgeIsRequestedUntilAcknowledgedAndInServiceUntilItsEnd() {
    initialise(1);

    assertThat(pair.setLine(4, true)).isEqualTo(1);
    assertThat(output[0]).isTrue();
    assertThat(requested(0x20)).isEqualTo(0x10);
    pair.setLine(4, false);
    assertThat(pair.acknowledge()).isEqualTo(0x24);
    assertThat(output[0]).isFalse();
    assertThat(inService(0x20)).isEqualTo(0x10);
    assertThat(pair.setLine(4, true)).isEqualTo(1);
    assertThat(output[0]).as("same priority waits").isFalse();
    write(0x20, 0x20);
    assertThat(output[0]).isTrue();
  }

  @Test
  void theSecondOnesInputsComeThroughTheCascade() {
    initialise(1);

    pair.setLine(8, true);

    assertThat(pair.acknowledge()).isEqualTo(0x28);
    assertThat(inService(0x20)).isEqualTo(4);
    assertThat(inService(0xa0)).isEqualTo(1);
    write(0xa0, 0x20);
    write(0x20, 0x20);
    assertThat(inService(0x20) | inService(0xa0)).isZero();
  }

  @Test
  void aHigherPriorityInterruptsALowerOne() {
    initialise(1);
    pair.setLine(5, true);
    pair.acknowledge();

    pair.setLine(6, true);
    assertThat(output[0]).isFalse();
    pair.setLine(1, true);
    assertThat(pair.acknowledge()).isEqualTo(0x21);
    write(0x20, 0x65); // specific end of input 5
    assertThat(inService(0x20)).isEqualTo(2);
  }

  @Test
  void aMaskedInputWaitsAndSaysSo() {
    initialise(1);
    write(0x21, 0x08);

    assertThat(pair.setLine(3, true)).isEqualTo(-1);
    assertThat(output[0]).isFalse();
    write(0x21, 0);
    assertThat(pair.acknowledge()).isEqualTo(0x23);
  }

  @Test
  void aLevelThatFallsBeforeItsAcknowledgeIsSpurious() {
    initialise(1);
    pair.writePort(0x4d1, 0x04); // input 10 is level-triggered
    assertThat(pair.readPort(0x4d1)).isEqualTo(4);

    pair.setLine(10, true);
    pair.setLine(10, false);

    assertThat(pair.acknowledge()).isEqualTo(0x2f);
    assertThat(inService(0xa0)).isZero();
    write(0x20, 0x20);
    pair.setLine(10, true);
    assertThat(pair.acknowledge()).isEqualTo(0x2a);
    write(0xa0, 0x20);
    write(0x20, 0x20);
    assertThat(output[0]).as("still high").isTrue();
  }

  @Test
  void automaticEndLeavesNothingInService() {
    initialise(3);

    pair.setLine(0, true);

    assertThat(pair.acknowledge()).isEqualTo(0x20);
    assertThat(inService(0x20)).isZero();
  }

  @Test
  void rotationMakesTheServedInputTheLowest() {
    initialise(1);
    pair.setLine(0, true);
    pair.acknowledge();
    write(0x20, 0xa0); // rotate on non-specific end

    pair.setLine(0, false);
    pair.setLine(0, true);
    pair.setLine(1, true);

    assertThat(pair.acknowledge()).isEqualTo(0x21);
  }

  @Test
  void specialMaskModeLetsLowerOnesThrough() {
    initialise(1);
    pair.setLine(1, true);
    pair.acknowledge();
    pair.setLine(4, true);
    assertThat(output[0]).isFalse();

    write(0x21, 2);
    write(0x20, 0x68);

    assertThat(pair.acknowledge()).isEqualTo(0x24);
  }

  @Test
  void pollAcknowledges() {
    initialise(1);
    pair.setLine(6, true);

    write(0x20, 0x0c);

    assertThat(pair.readPort(0x20)).isEqualTo(0x86);
    assertThat(inService(0x20)).isEqualTo(0x40);
    write(0x20, 0x0c);
    assertThat(pair.readPort(0x20)).isZero();
  }

  @Test
  void stateSurvivesSavingAndLoading() {
    initialise(1);
    pair.setLine(4, true);
    pair.acknowledge();
    pair.setLine(6, true);
    byte[] state = pair.chip(0).save();

    PicPair other = new PicPair(level -> output[0] = level);
    other.chip(0).load(state);
    other.update();

    assertThat(other.chip(0).save()).isEqualTo(state);
    assertThat(output[0]).isFalse();
    other.writePort(0x20, 0x20);
    assertThat(output[0]).isTrue();
    assertThat(other.acknowledge()).isEqualTo(0x26);
  }

  @Test
  void everyStateIsKeptAsItWasGiven() {
    byte[] state = new byte[16];
    state[5] = 10; // a base that no guest can set
    state[14] = 3; // lines that no guest can make level-triggered

    pair.chip(0).load(state);

    assertThat(pair.chip(0).save()).isEqualTo(state);
  }
}
