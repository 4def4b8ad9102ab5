package org.swtdx.vmm.launch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.GuestMemfd;
import org.swtdx.kvm.KvmVm;
import org.swtdx.kvm.UserMemory;
import org.swtdx.kvm.VmmProcess;
import org.swtdx.kvm.uapi.KvmCreateGuestMemfd;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.vmm.VmType;
import org.swtdx.vmm.VmmException;
import org.swtdx.vmm.fwcfg.DmaMemory;

/**
 * The memory slots of a guest. A TD's slot has two backings: anonymous memory of this process for
 * its shared pages, which devices see, and a guest_memfd for its private ones.
 */
final class GuestRam implements DmaMemory {
  private static final int PAGE = 4096;
  private static final int FALLOCATE_PUNCH_HOLE = 3; // FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE

  /** A slot: guest addresses, its memory in this process, and its guest_memfd if it has one. */
  record Slot(long gpa, long bytes, long userAddress, @Nullable GuestMemfd memfd) {
    boolean contains(long address, long length) {
      return address >= gpa && length <= bytes && address - gpa <= bytes - length;
    }
  }

  private final VmmProcess process;
  private final KvmVm vm;
  private final VmType type;
  private final List<Slot> slots = new ArrayList<>();

  GuestRam(VmmProcess process, KvmVm vm, VmType type) {
    this.process = process;
    this.vm = vm;
    this.type = type;
  }

  /**
   * Adds a slot; a TD's starts private.
   *
   * @param readOnly whether guest writes exit instead of landing; not for a TD
   */
  Slot add(long gpa, long bytes, boolean readOnly) throws VmmException {
    long user = process.memory().mmap(bytes);
    if (user < 0) {
      throw Ioctl.refused("mmap of " + (bytes >> 20) + " MiB of guest memory", user, "");
    }
    KvmUserspaceMemoryRegion2 region =
        new KvmUserspaceMemoryRegion2()
            .slot(slots.size())
            .guestPhysAddr(gpa)
            .memorySize(bytes)
            .userspaceAddr(user);
    GuestMemfd memfd = null;
    if (type == VmType.TDX) {
      int fd =
          Ioctl.check(
              "KVM_CREATE_GUEST_MEMFD", vm.createGuestMemfd(new KvmCreateGuestMemfd().size(bytes)));
      memfd = process.guestMemfd(fd).orElseThrow();
      region.flags(KvmUserspaceMemoryRegion2.GUEST_MEMFD).guestMemfd(fd);
    } else if (readOnly) {
      region.flags(KvmUserspaceMemoryRegion2.READONLY);
    }
    Ioctl.check("KVM_SET_USER_MEMORY_REGION2", vm.setUserMemoryRegion2(region));
    Slot slot = new Slot(gpa, bytes, user, memfd);
    slots.add(slot);
    if (memfd != null) {
      Ioctl.check("KVM_SET_MEMORY_ATTRIBUTES", setAttributes(gpa, bytes, true));
    }
    return slot;
  }

  private int setAttributes(long gpa, long bytes, boolean isPrivate) {
    return vm.setMemoryAttributes(
        new KvmMemoryAttributes()
            .address(gpa)
            .size(bytes)
            .attributes(isPrivate ? KvmMemoryAttributes.PRIVATE : 0));
  }

  /** Whether a range lies in one slot. */
  boolean isRam(long gpa, long bytes) {
    return find(gpa, bytes) != null;
  }

  private @Nullable Slot find(long gpa, long bytes) {
    for (Slot slot : slots) {
      if (slot.contains(gpa, bytes)) {
        return slot;
      }
    }
    return null;
  }

  /**
   * Converts whole pages of one slot and gives back the memory of the side they leave.
   *
   * @return 0 or a negative error number
   */
  int convert(long gpa, long bytes, boolean toPrivate) {
    Slot slot = find(gpa, bytes);
    if (slot == null || slot.memfd() == null) {
      return -org.swtdx.kvm.uapi.Errno.EINVAL;
    }
    int result = setAttributes(gpa, bytes, toPrivate);
    if (result < 0) {
      return result;
    }
    long offset = gpa - slot.gpa();
    return toPrivate
        ? process.memory().discard(slot.userAddress() + offset, bytes)
        : slot.memfd().fallocate(FALLOCATE_PUNCH_HOLE, offset, bytes);
  }

  @Override
  public boolean read(long gpa, byte[] target, int offset, int length) {
    Slot slot = find(gpa, length);
    UserMemory memory = process.memory();
    return slot != null
        && memory.read(slot.userAddress() + gpa - slot.gpa(), target, offset, length);
  }

  @Override
  public boolean write(long gpa, byte[] source, int offset, int length) {
    Slot slot = find(gpa, length);
    UserMemory memory = process.memory();
    return slot != null
        && memory.write(slot.userAddress() + gpa - slot.gpa(), source, offset, length);
  }

  /** Private pages that have memory behind them. */
  long privatePages() {
    long bytes = 0;
    for (Slot slot : slots) {
      GuestMemfd memfd = slot.memfd();
      bytes += memfd == null ? 0 : memfd.residentBytes();
    }
    return bytes / PAGE;
  }
}
