package org.swtdx.kvm.irqchip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IoApicTest {
  private final List<String> messages = new ArrayList<>();
  private int changes;
  private final IoApic apic =
      new IoApic(
          IoApic.VERSION_EOI,
          (address, data) -> {
            messages.add("%x %x".formatted(address, data));
            return 1;
          },
          () -> changes++);

  private void program(int pin, long entry) {
    write(0x11 + 2 * pin, (int) (entry >>> 32));
    write(0x10 + 2 * pin, (int) entry);
  }

  private void write(int register, int value) {
    apic.write(0, register);
    apic.write(0x10, Integer.toUnsignedLong(value));
  }

  private long read(int register) {
    apic.write(0, register);
    return apic.read(0x10);
  }

  @Test
  void versionNames24MaskedInputs() {
    assertThat(read(1)).isEqualTo(0x170020);
    for (int pin = 0; pin < IoApic.PINS; pin++) {
      assertThat(read(0x10 + 2 * pin)).isEqualTo(0x10000);
    }
  }

  @Test
  void edgeSendsOneMessagePerRise() {
    program(4, 0x0300_0000_0000_0034L);

    apic.setPin(4, true);
    apic.setPin(4, true);
    apic.setPin(4, false);
    apic.setPin(4, true);

    assertThat(messages).containsExactly("fee03000 34", "fee03000 34");
    assertThat(changes).isEqualTo(2);
  }

  @Test
  void maskedInputIsSilent() {
    apic.setPin(4, true);
    assertThat(messages).isEmpty();
    assertThat(apic.masked(4)).isTrue();
  }

  @Test
  void levelIsSentAgainAfterTheEndOfInterruptWhileItLasts() {
    program(9, 0x0000_0000_0000_8051L);
    apic.setPin(9, true);
    apic.setPin(9, true);
    assertThat(messages).containsExactly("fee00000 c051");
    assertThat(read(0x10 + 18) & 0x4000).isEqualTo(0x4000);

    apic.endOfInterrupt(0x51);
    assertThat(messages).hasSize(2);

    apic.setPin(9, false);
    apic.endOfInterrupt(0x51);
    assertThat(messages).hasSize(2);
    assertThat(read(0x10 + 18) & 0x4000).isZero();
  }

  @Test
  void endOfInterruptRegisterWorksToo() {
    program(9, 0x8051L);
    apic.setPin(9, true);

    apic.write(0x40, 0x51);

    assertThat(messages).hasSize(2);
  }

  @Test
  void addressHoldsExtendedDestinationAndMode() {
    program(1, 0x12fe_0000_0000_0900L | 0x30);

    assertThat(apic.address(1)).isEqualTo(0xfee00000L | 0x12 << 12 | 0xfe << 4 | 4);
    assertThat(apic.data(1)).isEqualTo(0x130);
  }

  @Test
  void unmaskingAnActiveLevelInputSendsIt() {
    apic.setPin(10, true);
    program(10, 0x8044L);
    assertThat(messages).containsExactly("fee00000 c044");
  }
}
