package org.swtdx.vmm.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;

class SerialPortTest {
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private boolean irq;
  private final SerialPort port = new SerialPort(active -> irq = active, sent::write);

  private void type(String text) {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    port.receive(bytes, 0, bytes.length);
  }

  @Test
  void writtenBytesAreSentAndTheTransmitterIsAlwaysEmpty() {
    port.writeByte(0, 'O');
    port.writeByte(0, 'K');

    assertThat(sent.toString(java.nio.charset.StandardCharsets.US_ASCII)).isEqualTo("OK");
    assertThat(port.readByte(5)).isEqualTo(0x60);
  }

  @Test
  void divisorLatchHidesDataAndEnableRegisters() {
    port.writeByte(3, 0x83);
    port.writeByte(0, 1);
    port.writeByte(1, 2);
    assertThat(port.readByte(0)).isEqualTo(1);
    assertThat(port.readByte(1)).isEqualTo(2);

    port.writeByte(3, 3);
    assertThat(port.readByte(1)).isZero();
    assertThat(sent.size()).isZero();
  }

  @Test
  void typedBytesComeOutInOrder() {
    type("ls\r");

    assertThat(port.readByte(5) & 1).isEqualTo(1);
    assertThat(new int[] {port.readByte(0), port.readByte(0), port.readByte(0)})
        .containsExactly('l', 's', '\r');
    assertThat(port.readByte(5) & 1).isZero();
  }

  @Test
  void receiveInterruptHoldsWhileDataWaits() {
    type("x");
    assertThat(irq).isFalse();

    port.writeByte(1, 1);
    assertThat(irq).isTrue();
    assertThat(port.readByte(2)).isEqualTo(4);

    port.readByte(0);
    assertThat(irq).isFalse();
    assertThat(port.readByte(2)).isEqualTo(1);
  }

  @Test
  void fifoBelowItsTriggerReportsTimeout() {
    port.writeByte(2, 0xc1);
    port.writeByte(1, 1);
    type("abc");
    assertThat(port.readByte(2)).isEqualTo(0xcc);

    type("defghijklmnop");
    assertThat(port.readByte(2)).isEqualTo(0xc4);
  }

  @Test
  void transmitInterruptComesOnceAndIsClearedByReadingItsCause() {
    port.writeByte(1, 2);
    assertThat(irq).isTrue();

    assertThat(port.readByte(2)).isEqualTo(2);
    assertThat(irq).isFalse();

    port.writeByte(0, 'a');
    assertThat(irq).isTrue();
  }

  @Test
  void loopbackReturnsDataAndModemLines() {
    port.writeByte(4, 0x1a);

    port.writeByte(0, 0x42);

    assertThat(sent.size()).isZero();
    assertThat(port.readByte(0)).isEqualTo(0x42);
    assertThat(port.readByte(6) & 0xf0).isEqualTo(0x90);
  }

  @Test
  void overrunIsReportedOnce() {
    port.receive(new byte[64 * 1024 + 1], 0, 64 * 1024 + 1);

    assertThat(port.readByte(5) & 2).isEqualTo(2);
    assertThat(port.readByte(5) & 2).isZero();
  }

  @Test
  void clearingTheFifoDropsWhatWaits() {
    type("abc");

    port.writeByte(2, 3);

    assertThat(port.readByte(5) & 1).isZero();
  }

  @Test
  void scratchRegisterShowsThatThePortExists() {
    port.writeByte(7, 0xa5);
    assertThat(port.readByte(7)).isEqualTo(0xa5);
  }
}
