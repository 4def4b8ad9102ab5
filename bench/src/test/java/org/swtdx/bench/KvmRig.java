package org.swtdx.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.UnaryOperator;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.kvm.HostWith;
import org.swtdx.kvm.KvmHost;
import org.swtdx.kvm.KvmVcpu;
import org.swtdx.kvm.KvmVm;
import org.swtdx.kvm.VmmProcess;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmCreateGuestMemfd;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmTdxInitMemRegion;
import org.swtdx.kvm.uapi.KvmTdxInitVm;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.kvm.uapi.KvmVmType;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.seamcall.TdxPlatform;
import org.swtdx.seamcall.port.SeamPort;
import org.swtdx.seamcall.port.SeamProvider;

/** A machine with KVM, a process on it, and guests that leave to user space again and again. */
final class KvmRig implements AutoCloseable {
  /** Where the private memory of a TD begins that {@link #td} was asked for. */
  static final long RAM_GPA = 0x1_0000_0000L;

  private static final long TOP = 0xffff_f000L;
  private static final int PAGE = 4096;
  private static final int LOW_PAGES = 16;

  final Platform platform;
  final KvmHost host;
  final VmmProcess process;
  private final PhysicalMemory memory;

  /** A host with TDX and this much memory. */
  KvmRig(long hostBytes) {
    this(hostBytes, port -> port);
  }

  /** As above, with something between KVM and the module. */
  KvmRig(long hostBytes, UnaryOperator<SeamPort> wrap) {
    this(newPlatform(hostBytes), wrap);
  }

  private KvmRig(Platform platform, UnaryOperator<SeamPort> wrap) {
    this(
        platform,
        HostWith.broughtUp(platform, TdxPlatform.bringUp(platform, port(platform, wrap))));
  }

  private KvmRig(Platform platform, KvmHost host) {
    this.platform = platform;
    this.host = host;
    memory = platform.memory();
    process = host.newProcess();
  }

  /** A host on which TDX is not enabled. */
  static KvmRig withoutTdx(long hostBytes) {
    Platform platform = newPlatform(hostBytes);
    return new KvmRig(platform, HostWith.noTdx(platform));
  }

  private static Platform newPlatform(long bytes) {
    PhysicalMemory memory =
        PhysicalMemory.create(
            new PhysicalAddressLayout(52, 6, 31, 8), List.of(new Cmr(new Hpa(0), bytes)));
    return new Platform(memory, Environment.system(1_000_000_000L), new PlatformEvents(), 1, 2);
  }

  private static SeamPort port(Platform platform, UnaryOperator<SeamPort> wrap) {
    SeamProvider provider = ServiceLoader.load(SeamProvider.class).findFirst().orElseThrow();
    return wrap.apply(provider.load(platform));
  }

  private static void ok(int result) {
    if (result != 0) {
      throw new IllegalStateException("an ioctl returned " + result);
    }
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private void slot(KvmVm vm, int id, long gpa, long size, long uaddr, int file) {
    KvmUserspaceMemoryRegion2 region =
        new KvmUserspaceMemoryRegion2()
            .slot(id)
            .guestPhysAddr(gpa)
            .memorySize(size)
            .userspaceAddr(uaddr);
    if (file >= 0) {
      region.flags(KvmUserspaceMemoryRegion2.GUEST_MEMFD).guestMemfd(file);
    }
    ok(vm.setUserMemoryRegion2(region));
  }

  /** A vCPU of an ordinary VM whose guest does nothing but OUT. */
  KvmVcpu ordinary() {
    KvmVm vm = process.vm(process.openKvm().createVm(KvmVmType.DEFAULT)).orElseThrow();
    ok(vm.enableCap(KvmEnableCap.of(KvmCap.SPLIT_IRQCHIP, 24)));
    KvmVcpu vcpu = process.vcpu(vm.createVcpu(0)).orElseThrow();
    long rom = process.memory().mmap(PAGE);
    byte[] loop = hex("e680 ebfc"); // OUT 0x80, AL; JMP
    process.memory().write(rom + 0xff0, loop, 0, loop.length);
    slot(vm, 0, TOP, PAGE, rom, -1);
    return vcpu;
  }

  /**
   * A TD that runs.
   *
   * @param vm its VM
   * @param vcpu its vCPU
   * @param file the descriptor of the guest_memfd behind its memory from {@link #RAM_GPA} on
   */
  record Td(KvmVm vm, KvmVcpu vcpu, int file) {
    /** Adds private pages, as many faults would. */
    void preFault(long gpa, long bytes) {
      ok(vcpu.preFaultMemory(new KvmPreFaultMemory().gpa(gpa).size(bytes)));
    }

    /** Converts a range; 0 is shared. */
    void convert(long gpa, long bytes, long attributes) {
      ok(
          vm.setMemoryAttributes(
              new KvmMemoryAttributes().address(gpa).size(bytes).attributes(attributes)));
    }
  }

  /**
   * A TD with private memory at {@link #RAM_GPA}, nothing of it mapped. Its guest leaves with an
   * OUT again and again.
   *
   * @param bytes size of that memory, whole pages
   * @param touching whether the guest accepts the next page before each OUT
   */
  Td td(long bytes, boolean touching) {
    KvmVm vm = process.vm(process.openKvm().createVm(KvmVmType.TDX)).orElseThrow();
    ok(vm.enableCap(KvmEnableCap.of(KvmCap.SPLIT_IRQCHIP, 24)));
    KvmTdxInitVm init = KvmTdxInitVm.withCapacity(1);
    init.cpuid().entry(0, 0x8000_0008, 0, 0, 48 << 16, 0, 0, 0);
    ok(vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.INIT_VM, 0, 0), init));
    KvmVcpu vcpu = process.vcpu(vm.createVcpu(0)).orElseThrow();
    KvmCpuid2 cpuid = new KvmCpuid2(2);
    cpuid.entry(0, 1, 0, 0, 0x806f8, 0, 1 << 21, 0);
    cpuid.entry(1, 0x8000_0008, 0, 0, 52, 0, 0, 0);
    ok(vcpu.setCpuid2(cpuid));
    ok(vcpu.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.INIT_VCPU, 0, 0), null));
    int file = privateSlot(vm, 0, RAM_GPA, bytes);
    privateSlot(vm, 1, 0, (long) LOW_PAGES * PAGE);
    privateSlot(vm, 2, TOP, PAGE);
    long source = process.memory().mmap((LOW_PAGES + 1L) * PAGE);
    byte[] low = tables();
    byte[] top = code(touching);
    process.memory().write(source, low, 0, low.length);
    process.memory().write(source + (long) LOW_PAGES * PAGE, top, 0, PAGE);
    add(vcpu, source, 0, LOW_PAGES);
    add(vcpu, source + (long) LOW_PAGES * PAGE, TOP, 1);
    process.memory().munmap(source);
    ok(vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.FINALIZE_VM, 0, 0), null));
    return new Td(vm, vcpu, file);
  }

  private int privateSlot(KvmVm vm, int id, long gpa, long bytes) {
    int file = vm.createGuestMemfd(new KvmCreateGuestMemfd().size(bytes));
    slot(vm, id, gpa, bytes, process.memory().mmap(bytes), file);
    ok(
        vm.setMemoryAttributes(
            new KvmMemoryAttributes()
                .address(gpa)
                .size(bytes)
                .attributes(KvmMemoryAttributes.PRIVATE)));
    return file;
  }

  private static void add(KvmVcpu vcpu, long source, long gpa, int pages) {
    ok(
        vcpu.memoryEncryptOp(
            KvmTdxCmd.of(KvmTdx.INIT_MEM_REGION, 0, 0),
            new KvmTdxInitMemRegion().sourceAddr(source).gpa(gpa).nrPages(pages)));
  }

  /** Identity map of the first 2 MiB and the last. */
  private static byte[] tables() {
    ByteBuffer b = ByteBuffer.allocate(LOW_PAGES * PAGE).order(ByteOrder.LITTLE_ENDIAN);
    b.putLong(0x1000, 0x2067).putLong(0x2000, 0x3067).putLong(0x2018, 0x4067);
    b.putLong(0x3000, 0xe3).putLong(0x4000 + 8 * 511, 0xffe0_00e3L);
    return b.array();
  }

  private static byte[] code(boolean touching) {
    byte[] page = new byte[PAGE];
    String toLongMode =
        "0f011518ffffff b800100000 0f22d8" // LGDT, CR3
            + "0f20e0 0d20060000 0f22e0 b821000080 0f22c0" // CR4.PAE, CR0.PG
            + "ea29f0ffff0800 48bb0000000001000000"; // JMP; MOV RBX, 4 GiB
    String accept = touching ? "4889d9 b806000000 660f01cc 4881c300100000" : "";
    String out =
        "31c0 b900fc0000 4531d2 41bb1e000000" // TDG.VP.VMCALL <Instruction.IO>
            + "41bc01000000 41bd01000000 41be80000000 4531ff 660f01cc";
    byte[] start = hex(toLongMode);
    byte[] loop = hex(accept + out);
    System.arraycopy(start, 0, page, 0, start.length);
    System.arraycopy(loop, 0, page, start.length, loop.length);
    int end = start.length + loop.length;
    page[end] = (byte) 0xeb; // JMP to the start of the loop
    page[end + 1] = (byte) -(loop.length + 2);
    ByteBuffer descriptors = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN).position(0xf00);
    descriptors.putLong(0).putLong(0x00af_9b00_0000_ffffL).putLong(0x00cf_9300_0000_ffffL);
    descriptors.putShort((short) 23).putInt(0xffff_ff00);
    byte[] reset = hex("e90bf0ffff");
    System.arraycopy(reset, 0, page, 0xff0, reset.length);
    return page;
  }

  /** KVM_RUN to the guest's next OUT. */
  static void runToOut(KvmVcpu vcpu) {
    if (vcpu.run() != 0 || vcpu.kvmRun().exitReason() != KvmExit.IO) {
      throw new IllegalStateException("exit " + vcpu.kvmRun().exitReason());
    }
  }

  @Override
  public void close() {
    process.exit();
    closeHost();
  }

  /** Gives the memory back; the process has ended. */
  void closeHost() {
    memory.close();
  }
}
