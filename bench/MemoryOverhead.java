import java.util.List;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.kvm.KvmHost;
import org.swtdx.kvm.KvmVcpu;
import org.swtdx.kvm.KvmVm;
import org.swtdx.kvm.VmmProcess;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmCreateGuestMemfd;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmTdxInitVm;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.kvm.uapi.KvmVmType;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;

/**
 * Prints what one GiB of guest memory in 4 KiB pages costs besides its pages: host frames for page
 * tables, and Java heap for what KVM, the module and the memory underneath keep of each page. No
 * guest runs and no page is touched, so that the difference is bookkeeping alone.
 *
 * <p>{@code java -XX:+UseSerialGC -Xmx1g --enable-native-access=ALL-UNNAMED -cp
 * 'cli/target/dist/lib/*' bench/MemoryOverhead.java}
 */
public final class MemoryOverhead {
  private static final long GIB = 1L << 30;
  private static final long PAGE = 4096;

  private final KvmHost host;
  private final VmmProcess process;
  private long frames;
  private long heap;

  private MemoryOverhead(KvmHost host) {
    this.host = host;
    process = host.newProcess();
  }

  /**
   * Prints the table.
   *
   * @param args none
   * @throws InterruptedException never
   */
  public static void main(String... args) throws InterruptedException {
    PhysicalMemory memory =
        PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), 4 * GIB)));
    Platform platform =
        new Platform(memory, Environment.system(1_000_000_000L), new PlatformEvents(), 1, 1);
    MemoryOverhead overhead = new MemoryOverhead(KvmHost.start(platform));
    System.out.printf(
        "%-28s %12s %12s %12s %10s%n",
        "per GiB mapped", "tables, KiB", "heap, KiB", "sum", "of it");
    overhead.trustDomain();
    overhead.ordinary();
    overhead.process.exit();
    if (overhead.host.outstandingFrames() != 0) {
      throw new IllegalStateException("frames were lost");
    }
    memory.close();
  }

  private void trustDomain() throws InterruptedException {
    KvmVm vm = process.vm(process.openKvm().createVm(KvmVmType.TDX)).orElseThrow();
    ok(vm.enableCap(KvmEnableCap.of(KvmCap.SPLIT_IRQCHIP, 24)));
    KvmTdxInitVm init = KvmTdxInitVm.withCapacity(1);
    init.cpuid().entry(0, 0x8000_0008, 0, 0, 48 << 16, 0, 0, 0);
    ok(vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.INIT_VM, 0, 0), init));
    KvmVcpu vcpu = process.vcpu(vm.createVcpu(0)).orElseThrow();
    KvmCpuid2 cpuid = new KvmCpuid2(1);
    cpuid.entry(0, 1, 0, 0, 0x806f8, 0, 1 << 21, 0);
    ok(vcpu.setCpuid2(cpuid));
    ok(vcpu.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.INIT_VCPU, 0, 0), null));
    slot(vm, 0, 4 * GIB);
    slot(vm, 1, 8 * GIB);
    ok(
        vm.setMemoryAttributes(
            new KvmMemoryAttributes()
                .address(4 * GIB)
                .size(GIB)
                .attributes(KvmMemoryAttributes.PRIVATE)));
    ok(vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.FINALIZE_VM, 0, 0), null));
    map("TD, private", vcpu, 4 * GIB);
    map("TD, shared", vcpu, 8 * GIB);
  }

  private void ordinary() throws InterruptedException {
    KvmVm vm = process.vm(process.openKvm().createVm(KvmVmType.DEFAULT)).orElseThrow();
    ok(
        vm.setUserMemoryRegion2(
            new KvmUserspaceMemoryRegion2()
                .guestPhysAddr(4 * GIB)
                .memorySize(GIB)
                .userspaceAddr(process.memory().mmap(GIB))));
    map("ordinary VM", process.vcpu(vm.createVcpu(0)).orElseThrow(), 4 * GIB);
  }

  private void slot(KvmVm vm, int id, long gpa) {
    int file = vm.createGuestMemfd(new KvmCreateGuestMemfd().size(GIB));
    ok(
        vm.setUserMemoryRegion2(
            new KvmUserspaceMemoryRegion2()
                .slot(id)
                .flags(KvmUserspaceMemoryRegion2.GUEST_MEMFD)
                .guestPhysAddr(gpa)
                .memorySize(GIB)
                .userspaceAddr(process.memory().mmap(GIB))
                .guestMemfd(file)));
  }

  private void map(String what, KvmVcpu vcpu, long gpa) throws InterruptedException {
    settle();
    long framesBefore = frames;
    long heapBefore = heap;
    KvmPreFaultMemory range = new KvmPreFaultMemory().gpa(gpa).size(GIB);
    ok(vcpu.preFaultMemory(range));
    if (range.size() != 0) {
      throw new IllegalStateException("not all was mapped: " + range.size());
    }
    settle();
    long tables = (frames - framesBefore - GIB / PAGE) * PAGE;
    long java = heap - heapBefore;
    System.out.printf(
        "%-28s %12d %12d %12d %9.2f%%%n",
        what, tables >> 10, java >> 10, tables + java >> 10, 100.0 * (tables + java) / GIB);
  }

  private void settle() throws InterruptedException {
    for (int i = 0; i < 4; i++) {
      System.gc();
      Thread.sleep(50);
    }
    Runtime java = Runtime.getRuntime();
    heap = java.totalMemory() - java.freeMemory();
    frames = host.outstandingFrames();
  }

  private static void ok(int result) {
    if (result < 0) {
      throw new IllegalStateException("error " + result);
    }
  }
}
