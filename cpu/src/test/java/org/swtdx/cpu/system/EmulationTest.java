package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.Emulation;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.MmioBus;

/** Instructions executed outside of a run, with device memory behind them. */
class EmulationTest {
  private static final long DEVICE = 0x40000;

  /** A device page whose reads become ready one at a time. */
  private static final class Device implements MmioBus {
    private final List<String> log = new ArrayList<>();
    private int known;
    private int asked;

    @Override
    public boolean claims(long gpaRaw) {
      return gpaRaw >>> 12 == DEVICE >>> 12;
    }

    @Override
    public boolean ready(long gpaRaw, int size) {
      return asked < known;
    }

    @Override
    public long read(long gpaRaw, int size) {
      asked++;
      log.add("r%x/%d".formatted(gpaRaw, size));
      return 0x1122334455667788L >>> 64 - 8 * size;
    }

    @Override
    public void write(long gpaRaw, int size, long value) {
      log.add("w%x/%d=%x".formatted(gpaRaw, size, value));
    }

    void supply() {
      known++;
      asked = 0;
      log.clear();
    }
  }

  private static GuestMachine machine(String code) {
    GuestMachine m = new GuestMachine().long64(false);
    m.refuse(DEVICE, 7);
    m.bytes(GuestMachine.CODE, code + "f4");
    assertThat(m.run()).isEqualTo(ExitReason.EPT_VIOLATION.number());
    return m;
  }

  @Test
  void storeReachesTheDevice() {
    try (GuestMachine m = machine("66c70425 10000400 3412")) {
      Device device = new Device();
      assertThat(m.processor.emulate(device)).isEqualTo(Emulation.COMPLETED);
      assertThat(device.log).containsExactly("w40010/2=1234");
      assertThat(m.run()).isEqualTo(ExitReason.HLT.number());
    }
  }

  @Test
  void loadWaitsUntilItsValueIsKnown() {
    try (GuestMachine m = machine("8b0425 10000400")) {
      Device device = new Device();
      assertThat(m.processor.emulate(device)).isEqualTo(Emulation.PENDING);
      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE);
      device.supply();
      assertThat(m.processor.emulate(device)).isEqualTo(Emulation.COMPLETED);
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(0x11223344);
      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE + 7);
    }
  }

  @Test
  void lockedReadModifyWriteDoesBoth() {
    try (GuestMachine m = machine("f0830c25 10000400 01")) {
      Device device = new Device();
      assertThat(m.processor.emulate(device)).isEqualTo(Emulation.PENDING);
      for (int i = 0; i < 3; i++) {
        device.supply();
      }
      assertThat(m.processor.emulate(device)).isEqualTo(Emulation.COMPLETED);
      assertThat(device.log.getLast()).isEqualTo("w40010/4=11223345");
    }
  }

  @Test
  void repeatedStringDoesOneIteration() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.refuse(DEVICE, 7);
      m.state().setGpr(CpuState.RDI, DEVICE);
      m.state().setGpr(CpuState.RCX, 3);
      m.state().setGpr(CpuState.RAX, 0x5a);
      assertThat(m.run("f3aa f4")).isEqualTo(ExitReason.EPT_VIOLATION.number());
      Device device = new Device();
      for (int i = 0; i < 3; i++) {
        assertThat(m.processor.emulate(device)).isEqualTo(Emulation.COMPLETED);
      }
      assertThat(device.log).containsExactly("w40000/1=5a", "w40001/1=5a", "w40002/1=5a");
      assertThat(m.run()).isEqualTo(ExitReason.HLT.number());
      assertThat(m.state().gpr(CpuState.RCX)).isZero();
    }
  }

  @Test
  void violationOfOrdinaryMemoryExits() {
    try (GuestMachine m = machine("ff3425 10000400")) {
      m.refuse(GuestMachine.STACK - 8, 2);
      m.processor.flushTranslations();
      Device device = new Device();
      device.supply();
      assertThat(m.processor.emulate(device)).isEqualTo(Emulation.EXITED);
      assertThat(m.processor.exit().reason).isEqualTo(ExitReason.EPT_VIOLATION.number());
      assertThat(m.processor.exit().guestPhysicalAddress).isEqualTo(GuestMachine.STACK - 8);
      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE);
    }
  }

  @Test
  void exceptionOfTheInstructionIsDelivered() {
    try (GuestMachine m = machine("f73425 10000400")) {
      Device device = new Device();
      device.supply();
      m.state().setGpr(CpuState.RDX, 0xffffffffL);
      assertThat(m.processor.emulate(device)).isEqualTo(Emulation.COMPLETED);
      assertThat(m.handledVector()).isZero();
    }
  }
}
