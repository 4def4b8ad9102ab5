package org.swtdx.vmm.launch;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.tdvf.TdvfException;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.attestation.tdvf.TdvfSection;
import org.swtdx.kvm.Kvm;
import org.swtdx.kvm.KvmHost;
import org.swtdx.kvm.KvmVcpu;
import org.swtdx.kvm.KvmVm;
import org.swtdx.kvm.VmmProcess;
import org.swtdx.kvm.irqchip.IoApic;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.vmm.Firmware;
import org.swtdx.vmm.IrqchipMode;
import org.swtdx.vmm.KernelBoot;
import org.swtdx.vmm.LaunchServices;
import org.swtdx.vmm.Outcome;
import org.swtdx.vmm.Phase;
import org.swtdx.vmm.RunResult;
import org.swtdx.vmm.TdAttributes;
import org.swtdx.vmm.VcpuRegisters;
import org.swtdx.vmm.VirtualMachineConfig;
import org.swtdx.vmm.VmType;
import org.swtdx.vmm.VmmException;
import org.swtdx.vmm.cpu.CpuFeature;
import org.swtdx.vmm.hob.RamRange;
import org.swtdx.vmm.hob.TdHob;
import org.swtdx.vmm.kernel.FirmwareItems;
import org.swtdx.vmm.kernel.KernelFormat;
import org.swtdx.vmm.machine.Machine;
import org.swtdx.vmm.machine.MemoryLayout;

/** One launch, from the first ioctl to the last file closed. */
public final class Launch {
  private static final int APIC_BUS_CYCLE_NANOS = 40; // TDs see a 25 MHz crystal
  private static final int IA32_MISC_ENABLE = 0x1a0;
  private static final long FAST_STRINGS = 1;

  private final KvmHost host;
  private final VirtualMachineConfig config;
  private final LaunchServices services;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private final Map<Phase, Long> phases = new LinkedHashMap<>();
  private final List<KvmVcpu> vcpus = new ArrayList<>();
  private @Nullable TdBuilder td;
  private @Nullable KernelFormat directKernel;
  private List<VcpuRegisters> registers = List.of();
  private long privatePages;
  private long quotes;

  /**
   * Prepares a launch.
   *
   * @param host where to run
   * @param config what to run
   * @param services what the run needs
   */
  public Launch(KvmHost host, VirtualMachineConfig config, LaunchServices services) {
    this.host = host;
    this.config = config;
    this.services = services;
  }

  /** Ends the run with an outcome, unless it has ended already. */
  public void end(Outcome how) {
    outcome.complete(how);
  }

  /** Work of a phase that may fail. */
  @FunctionalInterface
  private interface Step<T extends @Nullable Object> {
    T run() throws VmmException;
  }

  private <T extends @Nullable Object> T phase(Phase phase, Step<T> step) throws VmmException {
    services.listener().began(phase);
    long start = System.nanoTime();
    try {
      return step.run();
    } finally {
      long nanos = System.nanoTime() - start;
      phases.put(phase, nanos);
      services.listener().ended(phase, nanos);
    }
  }

  /**
   * Launches, runs, and tears down.
   *
   * @return how it went
   * @throws VmmException if the machine could not be launched
   */
  public RunResult run() throws VmmException {
    checkKernel();
    Optional<TdvfImage> tdvf =
        config.type() == VmType.TDX ? Optional.of(parse()) : Optional.empty();
    MemoryLayout layout = MemoryLayout.of(config.memoryBytes(), config.firmware().size());
    if (tdvf.isPresent()) {
      checkPlacement(tdvf.get(), layout);
    }
    VmmProcess process = host.newProcess();
    Outcome how;
    ConversionCount pages = new ConversionCount(services.listener());
    try {
      how = launch(process, layout, tdvf, pages);
    } finally {
      phase(Phase.TEARDOWN, () -> teardown(process));
    }
    TdBuilder built = td;
    return new RunResult(
        how,
        phases,
        built == null ? 0 : built.pagesAdded(),
        built == null ? 0 : built.pagesMeasured(),
        privatePages,
        pages.shared(),
        built == null ? 0 : built.xfam(),
        quotes,
        registers);
  }

  private @Nullable Void teardown(VmmProcess process) {
    TdBuilder builder = td;
    if (builder != null) {
      builder.terminate();
    }
    process.exit();
    return null;
  }

  private boolean hasFirmware() {
    return config.firmware().size() > 0;
  }

  /** Refuses a kernel that can't be started, before anything is created. */
  private void checkKernel() throws VmmException {
    KernelBoot boot = config.kernel().orElse(null);
    if (boot == null && !hasFirmware()) {
      throw input("neither firmware nor a kernel to start");
    }
    if (boot != null && hasFirmware()) {
      FirmwareItems.check(boot);
    } else if (boot != null) {
      if (config.type() == VmType.TDX) {
        throw input("a Trust Domain starts in firmware; add --firmware, or take --type default");
      }
      directKernel = KernelFormat.of(boot);
    }
  }

  private TdvfImage parse() throws VmmException {
    Firmware firmware = config.firmware();
    try {
      TdvfImage image = TdvfImage.parse(firmware.image());
      image.requireComplete();
      image.remarks().forEach(services.listener()::remark);
      return image;
    } catch (TdvfException e) {
      throw input(firmware.name() + ": " + e.getMessage());
    }
  }

  private void checkPlacement(TdvfImage image, MemoryLayout layout) throws VmmException {
    try {
      image.requireInside(layout.ranges());
    } catch (TdvfException e) {
      throw input(config.firmware().name() + ": " + e.getMessage());
    }
  }

  private static VmmException input(String message) {
    return new VmmException(VmmException.Cause.INPUT, message);
  }

  private Outcome launch(
      VmmProcess process, MemoryLayout layout, Optional<TdvfImage> tdvf, ConversionCount pages)
      throws VmmException {
    Kvm kvm = process.openKvm();
    KvmVm vm = phase(Phase.CREATE, () -> createVm(process, kvm));
    GuestCpuid cpuid = chooseCpu(GuestCpuid.supportedBy(kvm, config.cpus()));
    TdBuilder builder = td;
    if (builder != null) {
      phase(Phase.INIT, () -> done(() -> builder.initVm(config.td(), cpuid)));
    }
    phase(Phase.VCPUS, () -> done(() -> createVcpus(process, vm, cpuid)));
    GuestRam ram = new GuestRam(process, vm, config.type());
    phase(Phase.MEMORY, () -> done(() -> addMemory(process, ram, layout)));
    if (builder != null && tdvf.isPresent()) {
      buildTd(builder, process, layout, tdvf.get());
    }
    Outcome how = phase(Phase.RUN, () -> runGuest(vm, ram, layout, pages));
    privatePages = ram.privatePages();
    if (builder != null && (config.td().attributes() & TdAttributes.DEBUG) != 0) {
      registers = new DebugView(vm, process.memory()).look(vcpus);
    }
    return how;
  }

  /** Work without a result. */
  @FunctionalInterface
  private interface Action {
    void run() throws VmmException;
  }

  private static @Nullable Void done(Action action) throws VmmException {
    action.run();
    return null;
  }

  private GuestCpuid chooseCpu(GuestCpuid supported) throws VmmException {
    List<CpuFeature> refused = config.cpu().refused(supported.features());
    if (!refused.isEmpty()) {
      throw input("CPU without " + labels(refused) + ": the engine doesn't implement that");
    }
    return supported.of(config.cpu(), config.type());
  }

  private static String labels(Collection<CpuFeature> features) {
    return features.stream().map(CpuFeature::label).collect(Collectors.joining(", "));
  }

  private KvmVm createVm(VmmProcess process, Kvm kvm) throws VmmException {
    int types = kvm.checkExtension(KvmCap.VM_TYPES);
    if ((types >>> config.type().kvmType() & 1) == 0) {
      String reason = host.tdxUnavailable().map(r -> ": " + r).orElse("");
      throw new VmmException(
          VmmException.Cause.HOST, "KVM offers no VMs of type " + config.type().label() + reason);
    }
    int fd = Ioctl.check("KVM_CREATE_VM", kvm.createVm(config.type().kvmType()));
    KvmVm vm = process.vm(fd).orElseThrow();
    int limit = vm.checkExtension(KvmCap.MAX_VCPUS);
    if (config.cpus() > limit) {
      throw input(config.cpus() + " CPUs: KVM allows " + limit + " here");
    }
    if (config.type() == VmType.TDX) {
      td = TdBuilder.of(vm);
      long mapGpa = 1L << KvmExit.HC_MAP_GPA_RANGE;
      enable(vm, "KVM_CAP_EXIT_HYPERCALL", KvmCap.EXIT_HYPERCALL, mapGpa);
    }
    if (inKernelChips()) {
      KernelControllers.create(vm);
    } else {
      enable(vm, "KVM_CAP_SPLIT_IRQCHIP", KvmCap.SPLIT_IRQCHIP, IoApic.PINS);
    }
    if (config.type() == VmType.TDX) {
      enable(
          vm,
          "KVM_CAP_X86_APIC_BUS_CYCLES_NS",
          KvmCap.X86_APIC_BUS_CYCLES_NS,
          APIC_BUS_CYCLE_NANOS);
    }
    Ioctl.check("KVM_SET_TSC_KHZ", vm.setTscKhz(0));
    return vm;
  }

  private boolean inKernelChips() {
    return config.type() == VmType.DEFAULT && config.irqchip() == IrqchipMode.ON;
  }

  private static void enable(KvmVm vm, String name, int cap, long argument) throws VmmException {
    Ioctl.check("KVM_ENABLE_CAP(" + name + ")", vm.enableCap(KvmEnableCap.of(cap, argument)));
  }

  private void createVcpus(VmmProcess process, KvmVm vm, GuestCpuid cpuid) throws VmmException {
    for (int i = 0; i < config.cpus(); i++) {
      int fd = Ioctl.check("KVM_CREATE_VCPU", vm.createVcpu(i));
      KvmVcpu vcpu = process.vcpu(fd).orElseThrow();
      Ioctl.check("KVM_SET_CPUID2", vcpu.setCpuid2(cpuid.forVcpu(i)));
      if (config.type() == VmType.DEFAULT) {
        enableFastStrings(vcpu);
      }
      vcpus.add(vcpu);
    }
  }

  /** As firmware leaves IA32_MISC_ENABLE on a machine; KVM's reset value has the bit clear. */
  private static void enableFastStrings(KvmVcpu vcpu) throws VmmException {
    KvmMsrs msrs = new KvmMsrs(1).nmsrs(1).index(0, IA32_MISC_ENABLE);
    Ioctl.check("KVM_GET_MSRS", vcpu.getMsrs(msrs));
    Ioctl.check("KVM_SET_MSRS", vcpu.setMsrs(msrs.data(0, msrs.data(0) | FAST_STRINGS)));
  }

  private void addMemory(VmmProcess process, GuestRam ram, MemoryLayout layout)
      throws VmmException {
    for (RamRange range : layout.ram()) {
      ram.add(range.start(), range.length(), false);
    }
    if (!hasFirmware()) {
      return;
    }
    GuestRam.Slot rom = ram.add(layout.firmwareBase(), layout.firmwareBytes(), true);
    if (config.type() == VmType.DEFAULT) {
      byte[] image = config.firmware().image();
      long padding = layout.firmwareBytes() - image.length;
      process.memory().write(rom.userAddress() + padding, image, 0, image.length);
    }
  }

  private void buildTd(TdBuilder builder, VmmProcess process, MemoryLayout layout, TdvfImage image)
      throws VmmException {
    phase(
        Phase.PAGES,
        () ->
            done(
                () -> {
                  TdvfSection place = image.tdHob();
                  for (KvmVcpu vcpu : vcpus) {
                    builder.initVcpu(vcpu, place.gpa());
                  }
                  byte[] hob = TdHob.of(layout.ram(), image);
                  builder.addPages(
                      vcpus.getFirst(), image, hob, process.memory(), services.listener());
                }));
    phase(Phase.FINALIZE, () -> done(builder::finalizeVm));
  }

  private Machine machine(
      KvmVm vm, GuestRam ram, MemoryLayout layout, Interrupts interrupts, SerialConsole serial)
      throws VmmException {
    OutputStream console = directKernel == null ? services.debug() : serial.asStream();
    Machine machine =
        new Machine(
            host.platform().environment(),
            layout,
            config.cpus(),
            ram,
            new Machine.Wires(
                inKernelChips() ? _ -> new KernelControllers(vm) : interrupts::split,
                serial,
                services.debug(),
                services.debugPort().orElse(console),
                new EndOfRun(this::end)));
    if (config.type() == VmType.DEFAULT) {
      machine.addTestDevices(value -> end(new Outcome.DebugExit(value)));
    }
    KernelFormat kernel = directKernel;
    if (kernel != null) {
      new DirectBoot(kernel, layout).start(machine, ram, vcpus.getFirst());
    } else {
      config.kernel().ifPresent(boot -> FirmwareItems.add(machine.firmwareConfig(), boot));
    }
    return machine;
  }

  private Outcome runGuest(KvmVm vm, GuestRam ram, MemoryLayout layout, ConversionCount pages)
      throws VmmException {
    Interrupts interrupts = new Interrupts(vm, vcpus.getFirst());
    SerialConsole serial = new SerialConsole(services.console(), config.until(), this::end);
    try (Machine machine = machine(vm, ram, layout, interrupts, serial);
        QuoteRequests requests =
            new QuoteRequests(
                ram, services.quoting(), services.listener(), interrupts::notifyGuest)) {
      VcpuLoop.Shared shared =
          new VcpuLoop.Shared(
              machine,
              ram,
              interrupts,
              requests,
              td,
              pages,
              host::kernelLog,
              outcome::isDone,
              this::end);
      serial.start(machine::type);
      Outcome how = runVcpus(shared);
      serial.stop();
      quotes = requests.quotes();
      return how;
    }
  }

  private Outcome runVcpus(VcpuLoop.Shared shared) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < vcpus.size(); i++) {
      VcpuLoop loop = new VcpuLoop(i, vcpus.get(i), shared);
      threads.add(Thread.ofPlatform().daemon().name("vcpu-" + i).start(loop));
    }
    Outcome how = await();
    boolean interrupted = false;
    for (int i = 0; i < threads.size(); i++) {
      interrupted |= stop(threads.get(i), vcpus.get(i));
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return how;
  }

  /**
   * Kicks a vCPU until its thread has ended; says whether this thread was interrupted meanwhile.
   */
  private static boolean stop(Thread thread, KvmVcpu vcpu) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      vcpu.kick();
      try {
        thread.join(100);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }

  private Outcome await() {
    try {
      if (config.timeout().isEmpty()) {
        return outcome.get();
      }
      return outcome.get(config.timeout().get().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      end(new Outcome.TimedOut(config.timeout().orElseThrow().toMillis() / 1000.0));
    } catch (InterruptedException e) {
      end(new Outcome.Quit());
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("an outcome never fails", e);
    }
    return outcome.join();
  }
}
