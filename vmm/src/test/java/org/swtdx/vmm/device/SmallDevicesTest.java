package org.swtdx.vmm.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;
import org.swtdx.vmm.bus.PortDevice;

class SmallDevicesTest {
  private int resets;

  @Test
  void resetRegisterResetsOnTheRiseOfBit2() {
    PortDevice register = new ResetRegister(() -> resets++);

    register.writeByte(0, 2);
    assertThat(resets).isZero();
    register.writeByte(0, 6);
    assertThat(resets).isEqualTo(1);
    assertThat(register.readByte(0)).isEqualTo(2);
  }

  @Test
  void keyboardPortResetsAndIsOtherwiseAbsent() {
    PortDevice port = new KeyboardController(() -> resets++);

    assertThat(port.readByte(0)).isEqualTo(0xff);
    port.writeByte(0, 0xaa);
    assertThat(resets).isZero();
    port.writeByte(0, 0xfe);
    assertThat(resets).isEqualTo(1);
  }

  @Test
  void systemControlPortResetsOnce() {
    PortDevice port = new SystemControlPort(() -> resets++);

    port.writeByte(0, port.readByte(0) | 2);
    assertThat(resets).isZero();
    port.writeByte(0, 3);
    assertThat(resets).isEqualTo(1);
    assertThat(port.readByte(0)).isEqualTo(2);
  }

  @Test
  void debugConsoleSaysThatItIsThereAndKeepsWhatIsWritten() {
    ByteArrayOutputStream sink = new ByteArrayOutputStream();
    PortDevice console = new DebugConsole(sink);

    assertThat(console.readByte(0)).isEqualTo(0xe9);
    console.writeByte(0, 'd');

    assertThat(sink.toString(java.nio.charset.StandardCharsets.US_ASCII)).isEqualTo("d");
  }

  @Test
  void debugConsoleOutlivesItsSink() {
    int[] attempts = {0};
    PortDevice console =
        new DebugConsole(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                attempts[0]++;
                throw new IOException("closed");
              }
            });

    console.writeByte(0, 1);
    console.writeByte(0, 2);

    assertThat(attempts[0]).isEqualTo(1);
  }

  @Test
  void interruptControllersKeepTheirMasks() {
    InterruptControllers8259 pic = new InterruptControllers8259();
    assertThat(pic.first().readByte(1)).isEqualTo(0xff);
    for (int word : new int[] {0x68, 4, 1}) {
      pic.first().writeByte(1, word);
    }
    pic.first().writeByte(0, 0x11);
    pic.first().writeByte(1, 0x68);
    pic.first().writeByte(1, 4);
    pic.first().writeByte(1, 1);
    assertThat(pic.first().readByte(1)).isZero();

    pic.first().writeByte(1, 0xfb);
    assertThat(pic.first().readByte(1)).isEqualTo(0xfb);
    assertThat(pic.second().readByte(1)).isEqualTo(0xff);
  }

  @Test
  void someInputsAreAlwaysEdgeTriggered() {
    PortDevice edgeLevel = new InterruptControllers8259().edgeLevel();

    edgeLevel.write(0, 2, 0xffff);

    assertThat(edgeLevel.read(0, 2)).isEqualTo(0xdef8);
  }
}
