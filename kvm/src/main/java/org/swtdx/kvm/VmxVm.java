package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.ENOMEM;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.swtdx.memory.Hpa;

/** An ordinary VM, or one whose memory can be private to it without hardware behind it. */
final class VmxVm extends Vm {
  /** Of the EPT: five reach all of 52 bits. */
  private static final int LEVELS = 5;

  final TscSynchronization tsc = new TscSynchronization();

  private final boolean softwareProtected;
  private @Nullable EptTables ept;

  VmxVm(KvmHost host, UserProcess process, boolean softwareProtected) {
    super(host, process);
    this.softwareProtected = softwareProtected;
  }

  /** The EPT; made with the first vCPU. Null when there is no memory for it. */
  @Nullable EptTables ept() {
    mmuLock.lock();
    try {
      if (ept == null) {
        ept = EptTables.create(platform().memory(), frames(), LEVELS).orElse(null);
      }
      return ept;
    } finally {
      mmuLock.unlock();
    }
  }

  @Override
  boolean hasProtectedEndOfInterrupt() {
    return false;
  }

  @Override
  int maxVcpus() {
    return MAX_VCPUS;
  }

  @Override
  @Nullable Vcpu newVcpu(int id, int[] error) {
    EptTables tables = ept();
    Optional<Hpa> frame = frames().allocate();
    if (tables == null || frame.isEmpty()) {
      frame.ifPresent(frames()::free);
      error[0] = -ENOMEM;
      return null;
    }
    return new VmxVcpu(this, id, frame.get(), tables);
  }

  @Override
  boolean hasReadOnlySlots() {
    return true;
  }

  @Override
  long gfnLimit() {
    return 1L << platform().memory().layout().maxPhysicalAddressBits() - 12;
  }

  @Override
  boolean hasPrivateMemory() {
    return softwareProtected;
  }

  @Override
  void zapShared(long fromGfn, long toGfn) {
    zap(fromGfn, toGfn);
  }

  @Override
  void zapPrivate(long fromGfn, long toGfn) {
    zap(fromGfn, toGfn);
  }

  private void zap(long fromGfn, long toGfn) {
    mmuLock.lock();
    try {
      EptTables tables = ept;
      if (tables != null && tables.zap(fromGfn << 12, Math.min(toGfn, gfnLimit()) << 12)) {
        stats.count(Stat.REMOTE_TLB_FLUSH);
        platform().invalidateEpt();
        kickAll();
      }
    } finally {
      mmuLock.unlock();
    }
  }

  /** Maps the page that a guest missed; false when it must be asked of user space. */
  int fault(VmxVcpu vcpu, MemSlots seen, MemSlot slot, long gfn, boolean write) {
    int frames = slotTable.invalidationsEnded();
    boolean priv = attributes.isPrivate(gfn);
    GuestMemfdFile file = slot.file();
    long hpa =
        priv && file != null
            ? file.frames().take(slot.filePageOf(gfn))
            : memory().frame(slot.uaddrOf(gfn));
    if (hpa == FrameTable.NONE) {
      return -org.swtdx.kvm.uapi.Errno.EFAULT;
    }
    mmuLock.lock();
    try {
      EptTables tables = ept;
      if (slots() != seen
          || slotTable.invalidatedSince(frames)
          || attributes.isPrivate(gfn) != priv
          || tables == null) {
        return Vcpu.CONTINUE;
      }
      if (!slot.logsWrites()) {
        return tables.map(gfn << 12, hpa, !slot.readOnly()) ? Vcpu.CONTINUE : -ENOMEM;
      }
      if (!tables.map(gfn << 12, hpa, write && !slot.readOnly())) {
        return -ENOMEM;
      }
      if (write) {
        slotTable.markWritten(vcpu, slot, gfn);
        vcpu.processor().flushTranslations(); // it may hold the page as read-only
      }
      return Vcpu.CONTINUE;
    } finally {
      mmuLock.unlock();
    }
  }

  @Override
  void destroy() {
    for (Vcpu vcpu : vcpus()) {
      vcpu.free();
    }
    EptTables tables = ept;
    if (tables != null) {
      tables.free();
    }
  }
}
