package org.swtdx.vmm.machine;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.swtdx.cpu.Environment;
import org.swtdx.kvm.irqchip.ChipClock;
import org.swtdx.vmm.acpi.AcpiTables;
import org.swtdx.vmm.acpi.PciWindows;
import org.swtdx.vmm.bus.MmioDevice;
import org.swtdx.vmm.bus.SystemBus;
import org.swtdx.vmm.device.DebugConsole;
import org.swtdx.vmm.device.DebugExit;
import org.swtdx.vmm.device.DeviceTimers;
import org.swtdx.vmm.device.KeyboardController;
import org.swtdx.vmm.device.PowerManagement;
import org.swtdx.vmm.device.RealTimeClock;
import org.swtdx.vmm.device.ResetRegister;
import org.swtdx.vmm.device.SerialPort;
import org.swtdx.vmm.device.SystemControlPort;
import org.swtdx.vmm.device.TestDevice;
import org.swtdx.vmm.fwcfg.DmaMemory;
import org.swtdx.vmm.fwcfg.FirmwareConfig;
import org.swtdx.vmm.hob.RamRange;
import org.swtdx.vmm.pci.HostBridge;
import org.swtdx.vmm.pci.LpcBridge;
import org.swtdx.vmm.pci.PciHost;

/** A Q35 machine without its CPUs and memory: the devices, connected and on the bus. */
public final class Machine implements AutoCloseable {
  private static final int COM1 = 0x3f8;
  private static final int COM1_IRQ = 4;
  private static final int RTC_IRQ = 8;
  private static final int POWER_MANAGEMENT = 0x600;

  private final Environment environment;
  private final MemoryLayout layout;
  private final int cpus;
  private final SystemBus bus = new SystemBus();
  private final DeviceTimers timers;
  private final InterruptControllers interrupts;
  private final FirmwareConfig firmwareConfig;
  private final SerialPort serial;
  private final PciHost pci = new PciHost();
  private final MmioDevice ecam = pci.ecam();
  private final HostBridge hostBridge = new HostBridge(this::placeEcam);
  private final LpcBridge lpc = new LpcBridge(this::placePowerManagement);
  private final PowerManagement power;

  /**
   * Builds a machine.
   *
   * @param environment time
   * @param layout where RAM and firmware are
   * @param cpus number of CPUs
   * @param memory guest memory for DMA
   * @param wires what the machine is connected to
   */
  public Machine(
      Environment environment, MemoryLayout layout, int cpus, DmaMemory memory, Wires wires) {
    this.environment = environment;
    this.layout = layout;
    this.cpus = cpus;
    timers = new DeviceTimers(environment, bus);
    interrupts = wires.interrupts().apply(timers);
    interrupts.place(bus);
    serial = new SerialPort(interrupts.line(COM1_IRQ), wires.serial());
    power = new PowerManagement(environment, wires.control()::powerOff);
    bus.claimPorts(COM1, SerialPort.PORTS, serial);
    placeLegacyDevices(wires.control());
    bus.claimPorts(0x402, 1, new DebugConsole(wires.debug()));
    bus.claimPorts(0xe9, 1, new DebugConsole(wires.debugPort()));
    placePci();
    firmwareConfig = firmwareConfig(memory);
    bus.claimPorts(FirmwareConfig.PORT, FirmwareConfig.PORTS, firmwareConfig);
    bus.claimPorts(0xcf9, 1, new ResetRegister(() -> wires.control().reset("port 0xcf9")));
  }

  /**
   * What a machine is connected to.
   *
   * @param interrupts makes the interrupt controllers, by the clock of the machine's devices
   * @param serial takes what is sent on COM1
   * @param debug takes what firmware writes to the debug console at port 0x402
   * @param debugPort takes what is written to the debug console at port 0xe9
   * @param control hears of power-off and reset
   */
  public record Wires(
      Function<ChipClock, InterruptControllers> interrupts,
      SerialPort.Transmitter serial,
      OutputStream debug,
      OutputStream debugPort,
      MachineControl control) {}

  private void placeLegacyDevices(MachineControl control) {
    bus.claimPorts(0x64, 1, new KeyboardController(() -> control.reset("port 0x64")));
    bus.claimPorts(0x92, 1, new SystemControlPort(() -> control.reset("port 0x92")));
    bus.claimPorts(
        0x70,
        2,
        new RealTimeClock(
            environment,
            timers,
            interrupts.line(RTC_IRQ),
            layout.lowBytes(),
            layout.highBytes(),
            cpus));
  }

  /** Adds the devices by which test kernels end a run and drive interrupt lines. */
  public void addTestDevices(IntConsumer exit) {
    bus.claimPorts(0xf4, 4, new DebugExit(exit));
    new TestDevice(interrupts::line).place(bus);
  }

  /** Does what firmware would have done before a kernel starts: ECAM and ACPI registers. */
  public void initialiseLikeFirmware() {
    hostBridge.enableEcam(PciWindows.DEFAULT_ECAM);
    lpc.enablePowerManagement(POWER_MANAGEMENT);
  }

  private void placePci() {
    pci.place(0, 0, hostBridge);
    pci.place(0x1f, 0, lpc);
    bus.claimPorts(PciHost.PORT, PciHost.PORTS, pci);
  }

  private void placeEcam() {
    bus.releaseMemory(ecam);
    if (hostBridge.ecamEnabled()) {
      bus.claimMemory(hostBridge.ecamBase(), hostBridge.ecamBytes(), ecam);
    }
  }

  private void placePowerManagement() {
    bus.releasePorts(power);
    if (lpc.powerManagementEnabled()) {
      bus.claimPorts(lpc.powerManagementBase(), PowerManagement.PORTS, power);
    }
  }

  private FirmwareConfig firmwareConfig(DmaMemory memory) {
    FirmwareConfig config = new FirmwareConfig(memory);
    config.add64(FirmwareConfig.RAM_SIZE, layout.lowBytes() + layout.highBytes());
    config.add16(FirmwareConfig.NO_GRAPHIC, 1);
    config.add16(FirmwareConfig.CPUS, cpus);
    config.add16(FirmwareConfig.MAX_CPUS, cpus);
    config.add16(FirmwareConfig.BOOT_MENU, 0);
    config.addFile("bootorder", new byte[0]);
    config.addFile("etc/e820", e820());
    config.addFile("etc/system-states", systemStates());
    AcpiTables initial = acpiTables();
    config.addFile(AcpiTables.TABLES_FILE, initial.tables().length, () -> acpiTables().tables());
    config.addFile(AcpiTables.RSDP_FILE, initial.rsdp());
    config.addFile(AcpiTables.LOADER_FILE, initial.script());
    return config;
  }

  /** Where PCI is in memory now. */
  public PciWindows pciWindows() {
    return hostBridge.ecamEnabled()
        ? new PciWindows(layout.lowBytes(), hostBridge.ecamBase(), hostBridge.ecamBytes())
        : PciWindows.initial(layout.lowBytes());
  }

  /** The ACPI tables as they are now. */
  public AcpiTables acpiTables() {
    return new AcpiTables(cpus, pciWindows());
  }

  private byte[] e820() {
    ByteBuffer entries =
        ByteBuffer.allocate(20 * layout.ram().size()).order(ByteOrder.LITTLE_ENDIAN);
    for (RamRange range : layout.ram()) {
      entries.putLong(range.start()).putLong(range.length()).putInt(1);
    }
    return entries.array();
  }

  /** One byte for each of S0 to S5: bit 7 says that the state exists, the rest is its type. */
  private static byte[] systemStates() {
    return new byte[] {(byte) 0x80, 0, 0, 0, 0, (byte) (0x80 | PowerManagement.SLEEP_TYPE_S5)};
  }

  /** The registers that exits go to. */
  public SystemBus bus() {
    return bus;
  }

  /** The interrupt controllers. */
  public InterruptControllers interrupts() {
    return interrupts;
  }

  /** The fw_cfg device. */
  public FirmwareConfig firmwareConfig() {
    return firmwareConfig;
  }

  /** Hands typed bytes to COM1; any thread. */
  public void type(byte[] bytes, int offset, int length) {
    bus.serialized(() -> serial.receive(bytes, offset, length));
  }

  /** Stops the devices' clock. */
  @Override
  public void close() {
    timers.close();
  }
}
