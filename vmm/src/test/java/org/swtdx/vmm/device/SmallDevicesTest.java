package org.swtdx.vmm.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.swtdx.vmm.Outcome;
import org.swtdx.vmm.bus.PortDevice;
import org.swtdx.vmm.bus.SystemBus;

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
  void debugExitTellsWhatWasWritten() {
    List<Integer> values = new ArrayList<>();
    PortDevice exit = new DebugExit(values::add);

    exit.write(0, 1, 5);
    exit.write(0, 4, 0x12345678);

    assertThat(values).containsExactly(5, 0x12345678);
    assertThat(new Outcome.DebugExit(5).exitStatus()).isEqualTo(11);
    assertThat(new Outcome.DebugExit(0x80).exitStatus()).as("eight bits").isEqualTo(1);
  }

  @Test
  void testDeviceDrivesLinesAndRemembers() {
    List<String> lines = new ArrayList<>();
    SystemBus bus = new SystemBus();
    new TestDevice(number -> level -> lines.add(number + " " + level)).place(bus);

    bus.writePort(0x2005, 1, 1);
    bus.writePort(0x2005, 1, 0);
    bus.writePort(0xe0, 4, 0x11223344);
    bus.writeMemory(0xff000010L, 8, 0x1122334455667788L);

    assertThat(lines).containsExactly("5 true", "5 false");
    assertThat(bus.readPort(0xe1, 2)).isEqualTo(0x2233);
    assertThat(bus.readMemory(0xff000012L, 4)).isEqualTo(0x33445566);
    assertThat(bus.readPort(0xe9, 1)).isEqualTo(0xff);
  }
}
