package org.swtdx.vmm.machine;

import org.swtdx.kvm.irqchip.ChipClock;
import org.swtdx.kvm.irqchip.IoApic;
import org.swtdx.kvm.irqchip.PicPair;
import org.swtdx.kvm.irqchip.Pit;
import org.swtdx.vmm.bus.MmioDevice;
import org.swtdx.vmm.bus.PortDevice;
import org.swtdx.vmm.bus.SystemBus;
import org.swtdx.vmm.device.InterruptLine;

/** Interrupt controllers in this process: the kernel has the local APICs only (split mode). */
public final class UserControllers implements InterruptControllers {
  private static final int TIMER_PIN = 2;

  private final PicPair pic;
  private final IoApic ioApic;
  private final Pit pit;

  /**
   * Creates the controllers.
   *
   * @param clock the timer's clock
   * @param messages takes the I/O APIC's messages
   * @param routes hears of changed entries of the I/O APIC
   * @param output takes the output of the 8259s
   */
  public UserControllers(
      ChipClock clock,
      IoApic.MessageSink messages,
      IoApic.RouteListener routes,
      PicPair.Output output) {
    pic = new PicPair(output);
    ioApic = new IoApic(IoApic.VERSION_EOI, messages, routes);
    pit = new Pit(clock, level -> drive(0, level));
  }

  private void drive(int number, boolean level) {
    if (number < PicPair.LINES) {
      pic.setLine(number, level);
    }
    ioApic.setPin(number == 0 ? TIMER_PIN : number, level);
  }

  /** The I/O APIC. */
  public IoApic ioApic() {
    return ioApic;
  }

  /** The 8259s. */
  public PicPair pic() {
    return pic;
  }

  @Override
  public InterruptLine line(int number) {
    return level -> drive(number, level);
  }

  @Override
  public void place(SystemBus bus) {
    bus.claimMemory(
        IoApic.BASE,
        IoApic.SIZE,
        new MmioDevice() {
          @Override
          public long read(long offset, int size) {
            return ioApic.read(offset);
          }

          @Override
          public void write(long offset, int size, long value) {
            ioApic.write(offset, value);
          }
        });
    for (int first : new int[] {0x20, 0xa0, 0x4d0}) {
      bus.claimPorts(
          first,
          2,
          new PortDevice() {
            @Override
            public int readByte(int offset) {
              return pic.readPort(first + offset);
            }

            @Override
            public void writeByte(int offset, int value) {
              pic.writePort(first + offset, value);
            }
          });
    }
    placeTimer(bus, 0x40, 4);
    placeTimer(bus, 0x61, 1);
  }

  private void placeTimer(SystemBus bus, int first, int count) {
    bus.claimPorts(
        first,
        count,
        new PortDevice() {
          @Override
          public int readByte(int offset) {
            return pit.readPort(first + offset);
          }

          @Override
          public void writeByte(int offset, int value) {
            pit.writePort(first + offset, value);
          }
        });
  }

  @Override
  public void replaceTimer(boolean replaced) {
    pit.disconnectLine(replaced);
  }

  @Override
  public void endOfInterrupt(int vector) {
    ioApic.endOfInterrupt(vector);
  }
}
