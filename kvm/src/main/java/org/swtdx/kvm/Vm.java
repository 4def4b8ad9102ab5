package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EBUSY;
import static org.swtdx.kvm.uapi.Errno.EEXIST;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENOENT;
import static org.swtdx.kvm.uapi.Errno.ENOMEM;
import static org.swtdx.kvm.uapi.Errno.ENOTTY;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.Platform;
import org.swtdx.memory.FrameAllocator;
import org.swtdx.memory.Hpa;

/**
 * A VM, common part: vCPUs, interrupt routes, life. Vendors differ by type; dispatch is by pattern
 * matching. Lock order: {@link #lock}, vCPU mutexes, {@link #slotsLock}, a logical processor,
 * {@link #mmuLock}.
 */
abstract sealed class Vm permits TdxVm, VmxVm {
  static final int MAX_VCPUS = 1024;
  static final int MAX_VCPU_IDS = 4096;
  static final int USER_SLOTS = 32764;

  private static final int PAGE = Hpa.PAGE_SIZE;

  final ReentrantLock lock = new ReentrantLock();
  final ReentrantLock slotsLock = new ReentrantLock();
  final ReentrantLock mmuLock = new ReentrantLock();
  final AttributeMap attributes = new AttributeMap();
  final IrqRoutes routes = new IrqRoutes(this);
  final VmOptions options;
  final VmClock clock;
  final IoBus bus = new IoBus(this);
  final IrqFds irqFds = new IrqFds(this);
  final VmMemory slotTable;
  final Stats stats = new Stats(true);

  private final KvmHost host;
  private final long number;
  private final UserProcess process;
  private final HostShare share;
  private final FrameAllocator frames;
  private volatile Vcpu[] vcpus = {};
  private volatile boolean dead;
  private final List<GuestMemfdFile> closedFiles = new ArrayList<>();
  private boolean filesLeaked;
  private int references;
  private int runnableReferences;
  private int createdVcpus;
  private int maxVcpuIds;
  private int bootCpuId;
  private boolean splitIrqchip;
  private volatile int splitPins;
  private volatile @Nullable Irqchip irqchip;

  Vm(KvmHost host, UserProcess process) {
    this.host = host;
    number = host.nextVmNumber();
    this.process = process;
    share = process.share();
    frames = share.of(host.platform().memory().frames());
    options = new VmOptions(host.tscKhz());
    clock = new VmClock(host.platform().environment());
    slotTable = new VmMemory(this);
    process.memory().addListener(slotTable);
  }

  final KvmHost host() {
    return host;
  }

  final Platform platform() {
    return host.platform();
  }

  final UserProcess process() {
    return process;
  }

  /** Whose frames and KeyIDs the VM's are. */
  final HostShare share() {
    return share;
  }

  /** Frames of the host, within the share. */
  final FrameAllocator frames() {
    return frames;
  }

  final AddressSpace memory() {
    return process.memory();
  }

  final Vcpu[] vcpus() {
    return vcpus;
  }

  final MemSlots slots() {
    return slotTable.slots();
  }

  /** Whether the VM is beyond use: every ioctl fails with EIO. */
  final boolean dead() {
    return dead;
  }

  /** Declares the VM dead and says why in the kernel's log; its vCPUs leave the guest. */
  final void bug(String why) {
    if (!dead) {
      end();
      host.log().warn("kvm: " + why);
    }
  }

  /** Declares the VM dead; its vCPUs leave the guest. */
  final void end() {
    dead = true;
    for (Vcpu vcpu : vcpus) {
      vcpu.kickOut();
    }
  }

  final boolean splitIrqchip() {
    return splitIrqchip;
  }

  /** Pins of user space's I/O APICs: the first GSIs. */
  final int splitPins() {
    return splitPins;
  }

  /** KVM_CAP_SPLIT_IRQCHIP; only before the first vCPU. */
  final int enableSplitIrqchip(long pins) {
    lock.lock();
    try {
      if (pins < 0 || pins > IrqRoutes.MAX_ROUTES) {
        return -EINVAL;
      }
      if (hasIrqchip() || createdVcpus > 0) {
        return -EEXIST;
      }
      splitIrqchip = true;
      splitPins = (int) pins;
      return 0;
    } finally {
      lock.unlock();
    }
  }

  /** KVM_SET_BOOT_CPU_ID: which vCPU starts running; only before the first one. */
  final int bootCpuId(long id) {
    lock.lock();
    try {
      if (createdVcpus > 0) {
        return -EBUSY;
      }
      if (id < 0 || id > MAX_VCPU_IDS || maxVcpuIds != 0 && id > maxVcpuIds) {
        return -EINVAL;
      }
      bootCpuId = (int) id;
      return 0;
    } finally {
      lock.unlock();
    }
  }

  /** The in-kernel interrupt controllers, if they were created. */
  final @Nullable Irqchip irqchip() {
    return irqchip;
  }

  /** Whether interrupts can be sent: local APICs are the kernel's. */
  final boolean hasIrqchip() {
    return splitIrqchip || irqchip != null;
  }

  /** KVM_CREATE_IRQCHIP; only before the first vCPU, not on a TD, whose EOIs nobody sees. */
  final int createIrqchip() {
    lock.lock();
    try {
      if (hasIrqchip()) {
        return -EEXIST;
      }
      if (hasProtectedEndOfInterrupt()) {
        return -ENOTTY;
      }
      if (createdVcpus > 0) {
        return -EINVAL;
      }
      routes.setDefaults();
      irqchip = new Irqchip(this);
      return 0;
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@code id} is the vCPU that starts running. */
  final boolean isBootCpu(int id) {
    return id == bootCpuId;
  }

  /** KVM_CAP_MAX_VCPU_ID: the first vCPU id that will not be used; can be set once. */
  final int limitVcpuIds(long limit) {
    lock.lock();
    try {
      boolean allowed =
          limit >= bootCpuId && limit <= MAX_VCPU_IDS && (maxVcpuIds == 0 || maxVcpuIds == limit);
      if (allowed) {
        maxVcpuIds = (int) limit;
      }
      return allowed ? 0 : -EINVAL;
    } finally {
      lock.unlock();
    }
  }

  /** KVM_CREATE_PIT2. */
  final int createPit() {
    lock.lock();
    try {
      Irqchip chip = irqchip;
      if (chip != null && chip.hasPit()) {
        return -EEXIST;
      }
      if (chip == null) {
        return -ENOENT;
      }
      chip.createPit();
      return 0;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the end of an interrupt is invisible to KVM. */
  abstract boolean hasProtectedEndOfInterrupt();

  final int createdVcpus() {
    return createdVcpus;
  }

  /** Most vCPUs this VM can have. */
  abstract int maxVcpus();

  /** Makes the vendor's vCPU, or returns null with {@code error[0]} set. */
  abstract @Nullable Vcpu newVcpu(int id, int[] error);

  /** KVM_CREATE_VCPU: the vCPU's descriptor. */
  final int createVcpu(long wanted) {
    lock.lock();
    try {
      if (wanted < 0 || wanted >= MAX_VCPU_IDS || createdVcpus >= maxVcpus()) {
        return -EINVAL;
      }
      int id = (int) wanted;
      for (Vcpu vcpu : vcpus) {
        if (vcpu.id() == id) {
          return -EEXIST;
        }
      }
      if (id >= (maxVcpuIds == 0 ? MAX_VCPU_IDS : maxVcpuIds)) {
        return -EINVAL;
      }
      if (!host().heap().take(HeapRoom.VCPU)) {
        return -ENOMEM;
      }
      int[] error = {0};
      Vcpu vcpu = newVcpu(id, error);
      if (vcpu == null) {
        host().heap().giveBack(HeapRoom.VCPU);
        return error[0];
      }
      Vcpu[] before = vcpus;
      Vcpu[] list = Arrays.copyOf(before, before.length + 1);
      list[list.length - 1] = vcpu;
      vcpus = list;
      bus.ring(vcpu.coalescedRing());
      retain(true);
      int fd = process.install(new VcpuFile(vcpu));
      if (fd < 0) {
        vcpus = before;
        vcpu.free();
        release(true);
        return fd;
      }
      createdVcpus++;
      return fd;
    } finally {
      lock.unlock();
    }
  }

  /** KVM_CREATE_GUEST_MEMFD: the file's descriptor. */
  final int createGuestMemfd(long size, long flags, long supportedFlags) {
    if ((flags & ~supportedFlags) != 0 || size <= 0 || (size & PAGE - 1) != 0) {
      return -EINVAL;
    }
    retain(false);
    int fd = process.install(new GuestMemfdFile(this, size));
    if (fd < 0) {
      release(false);
    }
    return fd;
  }

  /** A number that tells this VM from others. */
  final long number() {
    return number;
  }

  /** KVM_GET_STATS_FD: the descriptor of a file with {@code which} in it. */
  final int installStats(Stats which, String id) {
    retain(false);
    int fd = process.install(new StatsFile(this, which, id));
    if (fd < 0) {
      release(false);
    }
    return fd;
  }

  // ---- memory, by vendor ----

  /** Whether slots of this VM may be read-only. */
  abstract boolean hasReadOnlySlots();

  /** First guest frame that cannot exist. */
  abstract long gfnLimit();

  /** Whether the VM has private memory at all. */
  abstract boolean hasPrivateMemory();

  /** Whether private memory is to come in pieces of 2 MiB where it can. */
  boolean hasLargePages() {
    return false;
  }

  /**
   * Splits large private mappings that a range of guest frames covers in part: 0 or an error. To be
   * called before what a range is to lose is decided.
   */
  int splitPrivate(long fromGfn, long toGfn) {
    return 0;
  }

  /** Removes shared mappings of guest frames and makes sure that no vCPU uses them any more. */
  abstract void zapShared(long fromGfn, long toGfn);

  /** Removes private mappings of guest frames and makes sure that no vCPU uses them any more. */
  abstract void zapPrivate(long fromGfn, long toGfn);

  /**
   * Whether private pages that {@link #zapPrivate} was asked to remove are the host's again. A dead
   * VM's stay where they are until it is destroyed.
   */
  boolean takenBack() {
    return !dead;
  }

  /** Makes every vCPU leave the guest and waits until each has. */
  final void kickAll() {
    Vcpu[] list = vcpus;
    int[] entries = new int[list.length];
    for (int i = 0; i < list.length; i++) {
      entries[i] = list[i].entries();
      list[i].kickOut();
    }
    for (int i = 0; i < list.length; i++) {
      list[i].awaitOutside(entries[i]);
    }
  }

  // ---- life ----

  /**
   * A private file's descriptor was closed. Its pages go now, or with the VM if nothing can run.
   */
  final void closeFile(GuestMemfdFile file) {
    if (!onlyFilesLeft()) {
      slotTable.punchHole(file, 0, file.frames().pages());
    }
    synchronized (this) {
      closedFiles.add(file);
    }
    release(false);
  }

  /** Private pages may still belong to the module: their frames are never given back. */
  final void leakPrivateFiles() {
    filesLeaked = true;
  }

  /** Counts a descriptor; {@code runnable} when vCPUs could still run through it. */
  final synchronized void retain(boolean runnable) {
    references++;
    runnableReferences += runnable ? 1 : 0;
  }

  /** Whether only private files keep the VM alive: no vCPU can run any more. */
  final synchronized boolean onlyFilesLeft() {
    return runnableReferences == 0;
  }

  /** Whether an ioctl must be refused: the VM is dead, or another process's. */
  final boolean refuses(UserProcess caller) {
    return dead || caller.memory() != process.memory();
  }

  /** Drops a descriptor; the last one ends the VM. */
  final void release(boolean runnable) {
    synchronized (this) {
      references--;
      runnableReferences -= runnable ? 1 : 0;
      if (references > 0) {
        return;
      }
    }
    memory().removeListener(slotTable);
    irqFds.close();
    for (Vcpu vcpu : vcpus) {
      vcpu.lapic().timer().stop();
    }
    Irqchip chip = irqchip;
    if (chip != null) {
      chip.stop();
    }
    destroy();
    if (!filesLeaked) {
      for (GuestMemfdFile file : closedFiles) {
        file.frames().release(0, file.frames().pages());
      }
    }
    host().heap().giveBack(HeapRoom.VM);
  }

  /** Gives everything back. */
  abstract void destroy();
}
