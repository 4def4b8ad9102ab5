package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINTR;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;
import static org.swtdx.kvm.uapi.Errno.ENOENT;
import static org.swtdx.kvm.uapi.Errno.EOPNOTSUPP;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmTdxInitMemRegion;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.FieldReply;
import org.swtdx.seamcall.SeptLevel;

/** KVM_MEMORY_ENCRYPT_OP and KVM_PRE_FAULT_MEMORY on a TD's vCPU. */
final class TdxVcpuCommands {
  private static final long CPUID_VALUES = 0x9410_0003_0000_0000L;
  private static final int NO_SUBLEAF = 0x1fe;
  private static final int SUBLEAVES = 0x3f;
  private static final int PAGE = Hpa.PAGE_SIZE;

  private final TdxVcpu vcpu;
  private final TdxVm vm;

  TdxVcpuCommands(TdxVcpu vcpu) {
    this.vcpu = vcpu;
    vm = vcpu.vm();
  }

  int command(KvmTdxCmd cmd, Argument arg) {
    if (cmd.hwError() != 0) {
      return -EINVAL;
    }
    vm.lockState();
    try {
      if (vm.dead()) {
        return -EIO;
      }
      if (!vm.hasTd() || vm.runnable()) {
        return -EINVAL;
      }
      Argument data = arg.at(cmd.data());
      return switch (cmd.id()) {
        case KvmTdx.INIT_VCPU -> vcpu.init(cmd.flags(), cmd.data());
        case KvmTdx.INIT_MEM_REGION -> initMemRegion(cmd.flags(), data);
        case KvmTdx.GET_CPUID -> getCpuid(data);
        default -> -EINVAL;
      };
    } finally {
      vm.unlockState();
    }
  }

  // ---- KVM_TDX_INIT_MEM_REGION ----

  private int initMemRegion(int flags, Argument data) {
    if (!vcpu.initialized() || (flags & ~KvmTdx.MEASURE_MEMORY_REGION) != 0) {
      return -EINVAL;
    }
    KvmTdxInitMemRegion region = new KvmTdxInitMemRegion();
    if (!data.load(region)) {
      return -EFAULT;
    }
    if (!valid(region)) {
      return -EINVAL;
    }
    LogicalProcessor lp = vm.host().cpus().acquireAny();
    try {
      int result = add(lp, region, (flags & KvmTdx.MEASURE_MEMORY_REGION) != 0);
      return data.store(region) ? result : -EFAULT;
    } finally {
      vm.host().cpus().release(lp);
    }
  }

  private boolean valid(KvmTdxInitMemRegion region) {
    long gpa = region.gpa();
    long pages = region.nrPages();
    long bytes = pages * PAGE;
    return region.sourceAddr() != 0
        && ((region.sourceAddr() | gpa) & PAGE - 1) == 0
        && pages > 0
        && pages <= Long.MAX_VALUE / PAGE
        && Long.compareUnsigned(gpa + bytes, gpa) > 0
        && gpa >>> vm.gpaBits() == 0
        && gpa + bytes - 1 >>> vm.gpaBits() == 0
        && vm.isPrivate(gpa)
        && vm.isPrivate(gpa + bytes - 1);
  }

  private int add(LogicalProcessor lp, KvmTdxInitMemRegion region, boolean measure) {
    while (region.nrPages() != 0) {
      if (Thread.currentThread().isInterrupted()) {
        return -EINTR;
      }
      vm.host().cpus().serve(lp);
      int result = vcpu.addInitial(lp, region.gpa() >>> 12, region.sourceAddr(), measure);
      if (result != 0) {
        return result;
      }
      region.sourceAddr(region.sourceAddr() + PAGE).gpa(region.gpa() + PAGE);
      region.nrPages(region.nrPages() - 1);
    }
    return 0;
  }

  // ---- KVM_TDX_GET_CPUID ----

  private record Entry(int leaf, int subleaf, boolean indexed, long ebxEax, long edxEcx) {}

  private int getCpuid(Argument data) {
    KvmCpuid2 header = new KvmCpuid2(0);
    if (!data.load(header)) {
      return -EFAULT;
    }
    List<Entry> entries = new ArrayList<>();
    for (int base : new int[] {0, 0x8000_0000}) {
      Entry first = read(base, 0, false);
      if (first == null) {
        return -EIO;
      }
      entries.add(first);
      int limit = (int) first.ebxEax;
      for (int leaf = base + 1; Integer.compareUnsigned(leaf, limit) <= 0; leaf++) {
        addLeaf(entries, leaf);
      }
    }
    KvmCpuid2 out = new KvmCpuid2(entries.size());
    for (int i = 0; i < entries.size(); i++) {
      write(out, i, entries.get(i));
    }
    return ListArguments.cpuidOut(data, out, true);
  }

  private void addLeaf(List<Entry> entries, int leaf) {
    Entry whole = read(leaf, 0, false);
    if (whole != null) {
      entries.add(whole);
      return;
    }
    for (int i = 0; i < SUBLEAVES; i++) {
      Entry entry = read(leaf, i, true);
      if (entry == null) {
        return;
      }
      entries.add(entry);
    }
  }

  private @Nullable Entry read(int leaf, int subleaf, boolean indexed) {
    if ((leaf & 0x7fff_ff80) != 0) {
      return null;
    }
    long id = CPUID_VALUES | (long) (leaf >>> 31) << 16 | (leaf & 0x7f) << 9;
    id |= indexed ? subleaf << 1 : NO_SUBLEAF;
    long low = id;
    FieldReply first = vm.host().cpus().onAny(lp -> vm.tdx().mng().read(lp, vm.td(), low));
    if (!first.status().isSuccess()) {
      return null;
    }
    FieldReply second = vm.host().cpus().onAny(lp -> vm.tdx().mng().read(lp, vm.td(), low + 1));
    return second.status().isSuccess()
        ? new Entry(leaf, subleaf, indexed, first.value(), second.value())
        : null;
  }

  private void write(KvmCpuid2 out, int at, Entry entry) {
    int eax = (int) entry.ebxEax;
    if (entry.leaf == 0x8000_0008) {
      eax = eax & ~(0xff << 16) | vm.gpaBits() << 16;
    }
    out.entry(
        at,
        entry.leaf,
        entry.subleaf,
        entry.indexed ? KvmCpuid2.SIGNIFICANT_INDEX : 0,
        eax,
        (int) (entry.ebxEax >>> 32),
        (int) entry.edxEcx,
        (int) (entry.edxEcx >>> 32));
  }

  // ---- KVM_PRE_FAULT_MEMORY ----

  int preFault(KvmPreFaultMemory range) {
    vcpu.load();
    try {
      return vm.dead() ? -EIO : PreFault.run(range, vcpu, this::preFaultPage);
    } finally {
      vcpu.put();
    }
  }

  private int preFaultPage(long gpa) {
    vm.host().cpus().serve(vcpu.lp());
    if (!vm.runnable()) {
      return -EOPNOTSUPP;
    }
    if (gpa >>> vm.gpaBits() != 0 || !vm.isPrivate(gpa)) {
      return -EINVAL;
    }
    if (vm.attributes.isPrivate(gpa >>> 12)) {
      return vcpu.faultPrivate(gpa, SeptLevel.SIZE_2M);
    }
    return vm.slots().find(gpa >>> 12) == null ? -ENOENT : vcpu.faultShared(gpa, false);
  }
}
