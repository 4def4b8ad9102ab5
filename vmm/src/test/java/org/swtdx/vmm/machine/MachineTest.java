package org.swtdx.vmm.machine;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.vmm.ByteMemory;
import org.swtdx.vmm.ManualEnvironment;
import org.swtdx.vmm.bus.SystemBus;

class MachineTest {
  private final List<String> events = new ArrayList<>();
  private final ByteArrayOutputStream serial = new ByteArrayOutputStream();
  private final ByteArrayOutputStream debug = new ByteArrayOutputStream();
  private final ByteArrayOutputStream debugPort = new ByteArrayOutputStream();
  private final Machine machine = machine(4L << 30);
  private final SystemBus bus = machine.bus();

  private Machine machine(long memory) {
    MachineControl control =
        new MachineControl() {
          @Override
          public void powerOff() {
            events.add("off");
          }

          @Override
          public void reset(String through) {
            events.add("reset " + through);
          }
        };
    return new Machine(
        new ManualEnvironment(),
        MemoryLayout.of(memory, 2 << 20),
        2,
        new ByteMemory(16),
        new Machine.Wires(
            clock ->
                new UserControllers(
                    clock,
                    (address, data) -> {
                      events.add("message %x %x".formatted(address, data));
                      return 1;
                    },
                    () -> {},
                    active -> events.add("8259s " + active)),
            serial::write,
            debug,
            debugPort,
            control));
  }

  private int config(int device, int register, int size) {
    bus.writePort(0xcf8, 4, 0x80000000 | device << 11 | register & 0xfc);
    return bus.readPort(0xcfc + (register & 3), size);
  }

  private void config(int device, int register, int size, int value) {
    bus.writePort(0xcf8, 4, 0x80000000 | device << 11 | register & 0xfc);
    bus.writePort(0xcfc + (register & 3), size, value);
  }

  private byte[] file(String wanted) {
    bus.writePort(0x510, 2, 0x19);
    int count = Integer.reverseBytes(dword());
    for (int i = 0; i < count; i++) {
      int size = Integer.reverseBytes(dword());
      int key = Short.toUnsignedInt(Short.reverseBytes((short) dword()));
      byte[] name = bytes(56);
      if (new String(name, US_ASCII).trim().equals(wanted)) {
        bus.writePort(0x510, 2, key);
        return bytes(size);
      }
    }
    throw new AssertionError("no file " + wanted);
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) bus.readPort(0x511, 1);
    }
    return bytes;
  }

  private int dword() {
    return ByteBuffer.wrap(bytes(4)).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  @ParameterizedTest(name = "{0} MiB: {1} below, {2} above 4 GiB")
  @CsvSource({"1024, 1024, 0", "2815, 2815, 0", "2816, 2048, 768", "4096, 2048, 2048"})
  void ramIsLaidOutAsOnQ35(long mebibytes, long low, long high) {
    MemoryLayout layout = MemoryLayout.of(mebibytes << 20, 0x1ff001);

    assertThat(layout.lowBytes() >> 20).isEqualTo(low);
    assertThat(layout.highBytes() >> 20).isEqualTo(high);
    assertThat(layout.firmwareBase()).isEqualTo(0xffe00000L);
    assertThat(layout.ranges()).containsEntry(0xffe00000L, 1L << 32).containsEntry(0L, low << 20);
  }

  @Test
  void firmwareFindsTheTimerAsOvmfDoes() {
    assertThat(config(0, 2, 2)).isEqualTo(0x29c0);
    assertThat(bus.readPort(0x608, 4)).isEqualTo(-1);

    config(31, 0x40, 4, config(31, 0x40, 4) & ~0xff80 | 0x600);
    config(31, 0x44, 1, config(31, 0x44, 1) | 0x80);

    assertThat(bus.readPort(0x608, 4)).isZero();
  }

  @Test
  void switchingOffAsOvmfDoesEndsTheRun() {
    config(31, 0x40, 4, 0x600);
    config(31, 0x44, 1, 0x80);

    bus.writePort(0x604, 2, bus.readPort(0x604, 2) & ~0x3c00);
    bus.writePort(0x604, 2, bus.readPort(0x604, 2) | 0x2000);

    assertThat(events).containsExactly("off");
  }

  @Test
  void resetRegisterLiesInsideThePciAddressRegister() {
    bus.writePort(0xcf8, 4, 0x8000f806);
    assertThat(events).isEmpty();

    bus.writePort(0xcf9, 1, 6);

    assertThat(events).containsExactly("reset port 0xcf9");
  }

  @Test
  void ecamMovesWithPciexbar() {
    assertThat(bus.readMemory(0xb0000000L, 4)).isEqualTo(0xffffffffL);

    config(0, 0x60, 4, 0xb0000001);
    assertThat(bus.readMemory(0xb0000000L, 4)).isEqualTo(0x29c08086L);

    config(0, 0x60, 4, 0xe0000001);
    assertThat(bus.readMemory(0xb0000000L, 4)).isEqualTo(0xffffffffL);
    assertThat(bus.readMemory(0xe00f8000L, 4)).isEqualTo(0x29188086L);
  }

  @Test
  void e820ListsRam() {
    ByteBuffer entries = ByteBuffer.wrap(file("etc/e820")).order(ByteOrder.LITTLE_ENDIAN);

    assertThat(entries.capacity()).isEqualTo(40);
    assertThat(entries.getLong(0)).isZero();
    assertThat(entries.getLong(8)).isEqualTo(2L << 30);
    assertThat(entries.getInt(16)).isEqualTo(1);
    assertThat(entries.getLong(20)).isEqualTo(4L << 30);
    assertThat(entries.getLong(28)).isEqualTo(2L << 30);
  }

  @Test
  void onlyS5CanBeEntered() {
    byte[] states = file("etc/system-states");
    assertThat(states).hasSize(6);
    assertThat(states[3] & 0x80).isZero();
    assertThat(states[5] & 0xff).isEqualTo(0x80);
  }

  @Test
  void tablesFollowEcam() {
    byte[] before = file("etc/acpi/tables");
    config(0, 0x60, 4, 0xe0000001);
    byte[] after = file("etc/acpi/tables");

    assertThat(after).hasSameSizeAs(before).isNotEqualTo(before);
    assertThat(file("etc/acpi/rsdp")).hasSize(36);
    assertThat(file("etc/table-loader").length % 128).isZero();
  }

  @Test
  void serialLineAndDebugConsoleHaveTheirSinks() {
    bus.writePort(0x3f8, 1, 'A');
    bus.writePort(0x402, 1, 'B');
    bus.writePort(0xe9, 1, 'C');

    assertThat(serial.toString(US_ASCII)).isEqualTo("A");
    assertThat(debug.toString(US_ASCII)).isEqualTo("B");
    assertThat(debugPort.toString(US_ASCII)).isEqualTo("C");
    assertThat(bus.readPort(0x402, 1)).isEqualTo(0xe9);
  }

  @Test
  void typedByteInterruptsThroughTheIoApic() {
    bus.writePort(0x21, 1, 0xff);
    bus.writePort(0x3f9, 1, 1);
    bus.writeMemory(0xfec00000L, 4, 0x18);
    bus.writeMemory(0xfec00010L, 4, 0x24);

    machine.type(new byte[] {'x'}, 0, 1);

    assertThat(events).containsExactly("message fee00000 24");
    assertThat(bus.readPort(0x3f8, 1)).isEqualTo('x');
  }

  @Test
  void typedByteInterruptsThroughThe8259s() {
    for (int[] word :
        new int[][] {{0x20, 0x11}, {0x21, 0x20}, {0x21, 4}, {0x21, 1}, {0x21, 0xef}}) {
      bus.writePort(word[0], 1, word[1]);
    }
    bus.writePort(0x3f9, 1, 1);

    machine.type(new byte[] {'x'}, 0, 1);

    assertThat(events).containsExactly("8259s true");
    assertThat(((UserControllers) machine.interrupts()).pic().acknowledge()).isEqualTo(0x24);
    assertThat(events).containsExactly("8259s true", "8259s false");
  }

  @Test
  void secondSerialPortAndKeyboardAreAbsent() {
    assertThat(bus.readPort(0x2f8, 1)).isEqualTo(0xff);
    assertThat(bus.readPort(0x60, 1)).isEqualTo(0xff);
    assertThat(bus.readPort(0x64, 1)).isEqualTo(0xff);
  }

  @Test
  void noAccessThrows() {
    Random random = new Random(3);
    int[] ports = {
      0x20, 0x40, 0x61, 0x64, 0x70, 0x92, 0xa0, 0xe9, 0x3f8, 0x402, 0x4d0, 0x510, 0x600, 0xcf8
    };
    long[] memory = {0xfec00000L, 0xb0000000L, 0xb00f8000L, 0xfee00000L};
    config(0, 0x60, 4, 0xb0000001);
    config(31, 0x44, 1, 0x80);
    for (int i = 0; i < 300_000; i++) {
      int port = ports[random.nextInt(ports.length)] + random.nextInt(0x40);
      int size = 1 << random.nextInt(3);
      long address = memory[random.nextInt(memory.length)] + random.nextInt(0x1100);
      switch (random.nextInt(4)) {
        case 0 -> bus.readPort(port, size);
        case 1 -> bus.writePort(port, size, random.nextInt());
        case 2 -> bus.readMemory(address, 1 << random.nextInt(4));
        default -> bus.writeMemory(address, 1 << random.nextInt(4), random.nextLong());
      }
    }
    assertThat(events).isNotEmpty();
    machine.close();
  }
}
