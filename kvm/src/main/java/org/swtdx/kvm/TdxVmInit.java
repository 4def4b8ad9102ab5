package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EAGAIN;
import static org.swtdx.kvm.uapi.Errno.EBUSY;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;
import static org.swtdx.kvm.uapi.Errno.ENOMEM;
import static org.swtdx.kvm.uapi.Errno.ENOSPC;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmTdxInitVm;
import org.swtdx.memory.FrameAllocator;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.KeyId;
import org.swtdx.seamcall.CpuidConfig;
import org.swtdx.seamcall.FieldReply;
import org.swtdx.seamcall.Leaf;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdParams;
import org.swtdx.seamcall.TdcsPage;
import org.swtdx.seamcall.TdhMng;
import org.swtdx.seamcall.TdrPage;
import org.swtdx.seamcall.TdxStatus;
import org.swtdx.seamcall.TdxTd;

/** KVM_TDX_INIT_VM: checks the request, creates the TD and initializes it. Used once. */
final class TdxVmInit {
  private static final int TSC_UNIT_KHZ = 25_000;
  private static final int BUSY_RETRIES = 1000;
  private static final long TSC_OFFSET = 0x1110_0003_0000_000AL;
  private static final long TSC_MULTIPLIER = 0x1110_0003_0000_000BL;

  private final TdxVm vm;
  private final KvmTdxInitVm init;

  /** Stepping, model, family, type and their extensions in leaf 1, EAX. */
  private static final int SIGNATURE = 0x0fff3fff;

  private final TdxLimits limits;
  private final TdhMng mng;
  private int width;
  private List<CpuidConfig> cpuid = List.of();
  private int tdcsAdded;
  private long hardwareError;

  TdxVmInit(TdxVm vm, KvmTdxInitVm init) {
    this.vm = vm;
    this.init = init;
    limits = vm.host().tdxLimits();
    mng = vm.tdx().mng();
  }

  /** Raw status of the SEAMCALL that refused, else 0. */
  long hardwareError() {
    return hardwareError;
  }

  /** Checks the request in the order in which user space can observe it; 0 or an error. */
  int check() {
    KvmCpuid2 entries = init.cpuid();
    for (int i = 0; i < 12; i++) {
      if (init.reserved(i) != 0) {
        return -EINVAL;
      }
    }
    if (entries.padding() != 0) {
      return -EINVAL;
    }
    if (vm.createdVcpus() > 0) {
      return -EBUSY;
    }
    if ((init.attributes() & ~limits.attributes()) != 0 || (init.xfam() & ~limits.xfam()) != 0) {
      return -EINVAL;
    }
    return checkCpuid(entries);
  }

  private int checkCpuid(KvmCpuid2 entries) {
    int sizes = entries.find(0x8000_0008, 0);
    if (sizes < 0) {
      return -EINVAL;
    }
    width = entries.eax(sizes) >>> 16 & 0xff;
    if (width != 48 && width != 52) {
      return -EINVAL;
    }
    int copied = 0;
    List<CpuidConfig> values = new ArrayList<>();
    for (CpuidConfig config : limits.cpuid()) {
      int subleaf = Math.max(config.subleaf(), 0);
      int at = find(entries, config.leaf(), subleaf);
      if (at < 0) {
        values.add(new CpuidConfig(config.leaf(), config.subleaf(), 0, 0, 0, 0));
        continue;
      }
      if (TdxLimits.asksForWithheld(entries, at)) {
        return -EINVAL;
      }
      int eax = config.leaf() == 1 ? ownFamily(entries.eax(at)) : entries.eax(at);
      values.add(
          new CpuidConfig(
              config.leaf(),
              config.subleaf(),
              config.leaf() == 0x8000_0008 ? eax & ~(0xff << 16) : eax,
              entries.ebx(at),
              entries.ecx(at),
              entries.edx(at)));
      copied++;
    }
    cpuid = values;
    return copied == entries.nent() ? 0 : -EINVAL;
  }

  /**
   * The signature of leaf 1, ours in the place of another family's. A native program that wants the
   * host's processor for its guest asks the CPUID instruction, which answers for the machine under
   * us; the module would refuse a family that the platform is not of.
   */
  private static int ownFamily(int signature) {
    int own = CpuidModel.nativeModel().cpuid(1, 0).eax() & SIGNATURE;
    return signature == 0 || family(signature) == family(own) ? signature : own;
  }

  private static int family(int signature) {
    int base = signature >>> 8 & 0xf;
    return base == 0xf ? base + (signature >>> 20 & 0xff) : base;
  }

  private static int find(KvmCpuid2 entries, int leaf, int subleaf) {
    for (int i = 0; i < entries.nent(); i++) {
      if (entries.function(i) == leaf && entries.index(i) == subleaf) {
        return i;
      }
    }
    return -1;
  }

  /** Creates and initializes the TD; on failure everything is given back. 0 or an error. */
  int run() {
    if (!vm.share().takeKeyId()) {
      return -ENOSPC;
    }
    Optional<KeyId> keyId = vm.tdx().keyIds().take();
    if (keyId.isEmpty()) {
      vm.share().releaseKeyId();
      return -ENOSPC;
    }
    FrameAllocator frames = vm.frames();
    List<Hpa> pages = new ArrayList<>();
    int needed = 2 + vm.tdx().info().tdcsPages();
    for (int i = 0; i < needed; i++) {
      frames.allocate().ifPresent(pages::add);
    }
    Optional<EptTables> shared =
        EptTables.create(vm.platform().memory(), vm.frames(), width == 52 ? 5 : 4);
    if (pages.size() < needed || shared.isEmpty()) {
      pages.forEach(frames::free);
      shared.ifPresent(EptTables::free);
      vm.tdx().keyIds().release(keyId.get());
      vm.share().releaseKeyId();
      return -ENOMEM;
    }
    Hpa params = pages.getFirst();
    List<TdcsPage> tdcs = new ArrayList<>();
    pages.subList(2, needed).forEach(page -> tdcs.add(new TdcsPage(page)));
    TdxTd td = new TdxTd(new TdrPage(pages.get(1)), List.copyOf(tdcs), keyId.get());
    vm.platform().memory().host().write(params, params().encode(), 0, TdParams.SIZE);
    int result = create(td, params, shared.get());
    frames.free(params);
    return result;
  }

  private TdParams params() {
    long attributes = init.attributes() | vm.tdx().info().attributesFixed1();
    return new TdParams(
        attributes,
        init.xfam() | vm.tdx().info().xfamFixed1(),
        vm.maxVcpus(),
        width == 52 ? TdParams.EPTP_WB_5_LEVELS : TdParams.EPTP_WB_4_LEVELS,
        // NO_RBP_MOD stays off: nothing here keeps a frame pointer in RBP across TDH.VP.ENTER, and
        // firmware from before that flag passes RBP in every TDVMCALL (OVMF 2022.11: mask 0xffec).
        width == 52 ? TdParams.CONFIG_GPAW_52 : 0,
        vm.options.tscKhz / TSC_UNIT_KHZ,
        digest(i -> init.mrconfigid((int) i)),
        digest(i -> init.mrowner((int) i)),
        digest(i -> init.mrownerconfig((int) i)),
        cpuid);
  }

  private static byte[] digest(LongUnaryOperator words) {
    ByteBuffer buffer = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 6; i++) {
      buffer.putLong(words.applyAsLong(i));
    }
    return buffer.array();
  }

  private int create(TdxTd td, Hpa params, EptTables shared) {
    HostCpus cpus = vm.host().cpus();
    if (cpus.packages().size() < vm.platform().packages()) {
      new TdxTeardown(vm).freeUncreated(td, shared);
      return -EIO; // no processor online that could configure the key of its package
    }
    TdxStatus status = shared(() -> cpus.onAny(lp -> mng.create(lp, td)));
    if (!status.isSuccess()) {
      new TdxTeardown(vm).freeUncreated(td, shared);
      return refused(TdhMng.CREATE, status);
    }
    int result = configure(td, params);
    if (result != 0) {
      new TdxTeardown(vm).run(td, List.of(), null, shared, tdcsAdded);
      return result;
    }
    FieldReply offset = cpus.onAny(lp -> mng.read(lp, td, TSC_OFFSET));
    FieldReply multiplier = cpus.onAny(lp -> mng.read(lp, td, TSC_MULTIPLIER));
    if (!offset.status().isSuccess() || !multiplier.status().isSuccess()) {
      new TdxTeardown(vm).run(td, List.of(), null, shared, td.tdcs().size());
      vm.bug(TdhMng.RD.abiName() + " failed: " + offset.status() + ", " + multiplier.status());
      return -EIO;
    }
    long attributes = init.attributes() | vm.tdx().info().attributesFixed1();
    vm.initialized(td, width, attributes, shared, offset.value(), multiplier.value());
    return 0;
  }

  /** Makes a call that locks what all TDs share. */
  private TdxStatus shared(Supplier<TdxStatus> call) {
    vm.host().sharedTables().lock();
    try {
      return call.get();
    } finally {
      vm.host().sharedTables().unlock();
    }
  }

  private int configure(TdxTd td, Hpa params) {
    HostCpus cpus = vm.host().cpus();
    for (LogicalProcessor lp : cpus.packages()) {
      TdxStatus status = shared(() -> keyConfig(td, lp));
      if (!status.isSuccess()) {
        return refused(TdhMng.KEY_CONFIG, status);
      }
    }
    for (TdcsPage page : td.tdcs()) {
      TdxStatus status = cpus.onAny(lp -> mng.addcx(lp, td, page));
      if (!status.isSuccess()) {
        return refused(TdhMng.ADDCX, status);
      }
      tdcsAdded++;
    }
    TdxStatus status = cpus.onAny(lp -> mng.init(lp, td, params));
    if (!status.isSuccess()) {
      hardwareError = status.raw();
      return status.is(StatusCode.OPERAND_INVALID) ? -EINVAL : refused(TdhMng.INIT, status);
    }
    return 0;
  }

  private TdxStatus keyConfig(TdxTd td, LogicalProcessor lp) {
    HostCpus cpus = vm.host().cpus();
    for (int i = 0; ; i++) {
      cpus.acquireExactly(lp);
      TdxStatus status;
      try {
        status = mng.keyConfig(lp, td);
      } finally {
        cpus.release(lp);
      }
      if (i == BUSY_RETRIES || !status.is(StatusCode.KEY_GENERATION_FAILED)) {
        return status;
      }
    }
  }

  private int refused(Leaf leaf, TdxStatus status) {
    hardwareError = status.raw();
    if (status.is(StatusCode.RND_NO_ENTROPY)) {
      return -EAGAIN;
    }
    vm.bug(leaf.abiName() + " failed: " + status);
    return -EIO;
  }
}
