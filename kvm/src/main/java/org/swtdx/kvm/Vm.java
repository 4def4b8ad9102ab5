package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EBADF;
import static org.swtdx.kvm.uapi.Errno.EBUSY;
import static org.swtdx.kvm.uapi.Errno.EEXIST;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENOENT;
import static org.swtdx.kvm.uapi.Errno.ENOTTY;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.Platform;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.memory.Hpa;

/**
 * A VM, common part: memory slots and attributes, vCPUs, interrupt routes. Vendors differ by type;
 * dispatch is by pattern matching. Lock order: {@link #lock}, vCPU mutexes, {@link #slotsLock}, a
 * logical processor, {@link #mmuLock}.
 */
abstract sealed class Vm implements AddressSpace.RangeListener permits TdxVm, VmxVm {
  static final int MAX_VCPUS = 1024;
  static final int MAX_VCPU_IDS = 4096;
  static final int USER_SLOTS = 32764;

  private static final int PAGE = Hpa.PAGE_SIZE;

  final ReentrantLock lock = new ReentrantLock();
  final ReentrantLock slotsLock = new ReentrantLock();
  final ReentrantLock mmuLock = new ReentrantLock();
  final AttributeMap attributes = new AttributeMap();
  final IrqRoutes routes = new IrqRoutes(this);

  private final KvmHost host;
  private final UserProcess process;
  private volatile MemSlots slots = MemSlots.EMPTY;
  private volatile Vcpu[] vcpus = {};
  private volatile boolean dead;
  private final List<GuestMemfdFile> closedFiles = new ArrayList<>();
  private boolean filesLeaked;
  private int invalidations;
  private int references;
  private int runnableReferences;
  private int createdVcpus;
  private int maxVcpuIds;
  private int bootCpuId;
  private boolean splitIrqchip;
  private volatile @Nullable Irqchip irqchip;
  private long exitHypercalls;
  private volatile int tscKhz;
  private volatile int busCycleNanos = 1;
  private volatile long clockOffset;

  Vm(KvmHost host, UserProcess process) {
    this.host = host;
    this.process = process;
    tscKhz = host.tscKhz();
    process.memory().addListener(this);
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

  final AddressSpace memory() {
    return process.memory();
  }

  final Vcpu[] vcpus() {
    return vcpus;
  }

  final MemSlots slots() {
    return slots;
  }

  /** Whether the VM is beyond use: every ioctl fails with EIO. */
  final boolean dead() {
    return dead;
  }

  /** Declares the VM dead and says why in the kernel's log; its vCPUs leave the guest. */
  final void bug(String why) {
    if (!dead) {
      dead = true;
      host.log().warn("kvm: " + why);
      for (Vcpu vcpu : vcpus) {
        vcpu.kickOut();
      }
    }
  }

  final boolean splitIrqchip() {
    return splitIrqchip;
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

  final boolean exitsOnHypercall(int number) {
    return (exitHypercalls >>> number & 1) != 0;
  }

  final void exitHypercalls(long mask) {
    exitHypercalls = mask;
  }

  final int tscKhz() {
    return tscKhz;
  }

  final void tscKhz(int khz) {
    tscKhz = khz;
  }

  final int busCycleNanos() {
    return busCycleNanos;
  }

  final void busCycleNanos(int nanos) {
    busCycleNanos = nanos;
  }

  /** Nanoseconds that the VM's clock is ahead of the host's. */
  final long clockOffset() {
    return clockOffset;
  }

  final void clockOffset(long nanos) {
    clockOffset = nanos;
  }

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
      int[] error = {0};
      Vcpu vcpu = newVcpu(id, error);
      if (vcpu == null) {
        return error[0];
      }
      Vcpu[] before = vcpus;
      Vcpu[] list = Arrays.copyOf(before, before.length + 1);
      list[list.length - 1] = vcpu;
      vcpus = list;
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

  // ---- memory slots ----

  /** Flags that a slot of this VM may have. */
  abstract int slotFlags();

  /** KVM_SET_USER_MEMORY_REGION2. */
  final int setMemoryRegion(
      int slotAndSpace, int flags, long gpa, long size, long uaddr, long fileOffset, int fileFd) {
    int id = slotAndSpace & 0xffff;
    if ((flags & ~slotFlags()) != 0
        || slotAndSpace >>> 16 != 0
        || id >= USER_SLOTS
        || ((gpa | size | uaddr) & PAGE - 1) != 0
        || gpa < 0
        || size < 0
        || gpa + size < gpa) {
      return -EINVAL;
    }
    boolean hasFile = (flags & KvmUserspaceMemoryRegion2.GUEST_MEMFD) != 0;
    if (hasFile && ((fileOffset & PAGE - 1) != 0 || fileOffset + size < fileOffset)) {
      return -EINVAL;
    }
    slotsLock.lock();
    try {
      MemSlot old = slots.byId(id);
      if (size == 0) {
        return old == null ? -EINVAL : deleteSlot(old);
      }
      if (gpa >>> 12 >= gfnLimit() || (gpa + size) >>> 12 > gfnLimit()) {
        return -EINVAL;
      }
      return old == null
          ? createSlot(id, flags, gpa, size, uaddr, fileOffset, hasFile ? fileFd : -1)
          : changeSlot(old, flags, gpa, size, uaddr);
    } finally {
      slotsLock.unlock();
    }
  }

  /** First guest frame that cannot exist. */
  abstract long gfnLimit();

  private int createSlot(
      int id, int flags, long gpa, long size, long uaddr, long fileOffset, int fileFd) {
    long base = gpa >>> 12;
    long pages = size >>> 12;
    if (slots.overlaps(base, base + pages, id)) {
      return -EEXIST;
    }
    GuestMemfdFile file = null;
    if ((flags & KvmUserspaceMemoryRegion2.GUEST_MEMFD) != 0) {
      if (!(process.file(fileFd) instanceof GuestMemfdFile found)) {
        return process.isOpen(fileFd) ? -EINVAL : -EBADF;
      }
      file = found;
      if (file.vm() != this || fileOffset < 0 || fileOffset + size > file.size()) {
        return -EINVAL;
      }
      for (MemSlot slot : slots.all()) {
        if (slot.file() == file
            && slot.filePage() < (fileOffset >>> 12) + pages
            && slot.filePage() + slot.pages() > fileOffset >>> 12) {
          return -EEXIST;
        }
      }
    }
    slots = slots.replace(id, new MemSlot(id, flags, base, pages, uaddr, file, fileOffset >>> 12));
    slotAdded(base, base + pages);
    return 0;
  }

  private int changeSlot(MemSlot old, int flags, long gpa, long size, long uaddr) {
    if (old.file() != null || (flags & KvmUserspaceMemoryRegion2.GUEST_MEMFD) != 0) {
      return -EINVAL;
    }
    if (uaddr != old.uaddr()
        || size >>> 12 != old.pages()
        || ((flags ^ old.flags()) & KvmUserspaceMemoryRegion2.READONLY) != 0) {
      return -EINVAL;
    }
    long base = gpa >>> 12;
    if (base == old.baseGfn()) {
      slots =
          slots.replace(old.id(), new MemSlot(old.id(), flags, base, old.pages(), uaddr, null, 0));
      return 0;
    }
    if (slots.overlaps(base, base + old.pages(), old.id())) {
      return -EEXIST;
    }
    deleteSlot(old);
    slots =
        slots.replace(old.id(), new MemSlot(old.id(), flags, base, old.pages(), uaddr, null, 0));
    slotAdded(base, base + old.pages());
    return 0;
  }

  private int deleteSlot(MemSlot old) {
    slots = slots.replace(old.id(), null);
    zapShared(old.baseGfn(), old.endGfn());
    zapPrivate(old.baseGfn(), old.endGfn());
    return 0;
  }

  /** A slot appeared where MMIO may have been cached. */
  private void slotAdded(long from, long to) {
    zapShared(from, to);
  }

  // ---- attributes ----

  /** Whether the VM has private memory at all. */
  abstract boolean hasPrivateMemory();

  /** KVM_SET_MEMORY_ATTRIBUTES. */
  final int setAttributes(long gpa, long size, long value, long flags) {
    long supported = hasPrivateMemory() ? KvmMemoryAttributes.PRIVATE : 0;
    if (flags != 0
        || (value & ~supported) != 0
        || size == 0
        || Long.compareUnsigned(gpa + size, gpa) < 0
        || ((gpa | size) & PAGE - 1) != 0) {
      return -EINVAL;
    }
    long from = gpa >>> 12;
    long to = gpa + size >>> 12;
    boolean priv = value == KvmMemoryAttributes.PRIVATE;
    slotsLock.lock();
    try {
      if (attributes.all(from, to, priv)) {
        return 0;
      }
      attributes.set(from, to, priv);
      if (priv) {
        zapShared(from, to);
      } else {
        zapPrivate(from, to);
      }
      return dead ? -org.swtdx.kvm.uapi.Errno.EIO : 0;
    } finally {
      slotsLock.unlock();
    }
  }

  /** Removes shared mappings of guest frames and makes sure that no vCPU uses them any more. */
  abstract void zapShared(long fromGfn, long toGfn);

  /** Removes private mappings of guest frames and makes sure that no vCPU uses them any more. */
  abstract void zapPrivate(long fromGfn, long toGfn);

  /** Frees pages of a private file, away from guests first. */
  final int punchHole(GuestMemfdFile file, long fromPage, long toPage) {
    slotsLock.lock();
    countInvalidation(1);
    try {
      for (MemSlot slot : slots.all()) {
        if (slot.file() == file) {
          long from = Math.max(fromPage, slot.filePage());
          long to = Math.min(toPage, slot.filePage() + slot.pages());
          if (from < to) {
            long base = slot.baseGfn() - slot.filePage();
            zapPrivate(base + from, base + to);
          }
        }
      }
      if (!dead) {
        file.frames().release(fromPage, toPage);
      }
      return 0;
    } finally {
      countInvalidation(-1);
      slotsLock.unlock();
    }
  }

  /** Whether mappings must not be made now: frames are about to be freed. Under the MMU lock. */
  final boolean invalidating() {
    return invalidations > 0;
  }

  private void countInvalidation(int delta) {
    mmuLock.lock();
    try {
      invalidations += delta;
    } finally {
      mmuLock.unlock();
    }
  }

  @Override
  public final void end() {
    countInvalidation(-1);
  }

  @Override
  public final void begin(long from, long to) {
    countInvalidation(1);
    for (MemSlot slot : slots.all()) {
      long start = Math.max(from, slot.uaddr());
      long end = Math.min(to, slot.uaddr() + slot.pages() * PAGE);
      if (start < end) {
        long base = slot.baseGfn() - (slot.uaddr() >>> 12);
        zapShared(base + (start >>> 12), base + (end + PAGE - 1 >>> 12));
      }
    }
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
      punchHole(file, 0, file.frames().pages());
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
    memory().removeListener(this);
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
  }

  /** Gives everything back. */
  abstract void destroy();
}
