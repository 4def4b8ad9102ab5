package org.swtdx.kvm;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.FrameAllocator;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.GuestPage;
import org.swtdx.seamcall.KeyIdPool;
import org.swtdx.seamcall.Leaf;
import org.swtdx.seamcall.SeptPage;
import org.swtdx.seamcall.TdcsPage;
import org.swtdx.seamcall.TdhMng;
import org.swtdx.seamcall.TdhPhymem;
import org.swtdx.seamcall.TdxPage;
import org.swtdx.seamcall.TdxPlatform;
import org.swtdx.seamcall.TdxStatus;
import org.swtdx.seamcall.TdxTd;

/**
 * Ends a TD: retires its KeyID (flush every vCPU, write back caches on every package, free the id),
 * then reclaims every page and gives it back to the host. If the KeyID cannot be retired, all pages
 * stay lost, because the module still owns them.
 */
final class TdxTeardown {
  private static final int BUSY_RETRIES = 1000;

  private final TdxVm vm;
  private final TdxPlatform tdx;
  private final FrameAllocator frames;
  private final HostCpus cpus;

  TdxTeardown(TdxVm vm) {
    this.vm = vm;
    tdx = vm.tdx();
    frames = vm.frames();
    cpus = vm.host().cpus();
  }

  /** Ends the VM's TD, if it has one, and frees its vCPUs. */
  void run() {
    List<TdxVcpu> vcpus = vcpus();
    if (vm.hasTd()) {
      TdxMemory memory = vm.privateMemory();
      run(vm.td(), vcpus, memory.mirror(), memory.shared(), vm.td().tdcs().size());
      vm.forget();
    }
    vcpus.forEach(Vcpu::free);
  }

  private List<TdxVcpu> vcpus() {
    List<TdxVcpu> vcpus = new ArrayList<>();
    for (Vcpu vcpu : vm.vcpus()) {
      if (vcpu instanceof TdxVcpu td) {
        vcpus.add(td);
      }
    }
    return vcpus;
  }

  /** Retires the KeyID of the VM's TD, ahead of its end. */
  TdxVm.Retirement retire() {
    return retire(vm.td(), vcpus());
  }

  private TdxVm.Retirement retire(TdxTd td, List<TdxVcpu> vcpus) {
    vcpus.forEach(vm.host().associations()::release);
    vm.host().sharedTables().lock();
    try {
      if (!retireKeyId(td)) {
        return TdxVm.Retirement.FAILED;
      }
    } finally {
      vm.host().sharedTables().unlock();
    }
    KeyIdPool pool = tdx.keyIds();
    pool.release(td.keyId());
    vm.share().releaseKeyId();
    return TdxVm.Retirement.DONE;
  }

  /** Frees the pages and the KeyID of a TD that the module never created. */
  void freeUncreated(TdxTd td, EptTables shared) {
    shared.free();
    td.tdcs().forEach(page -> frames.free(page.hpa()));
    frames.free(td.tdr().hpa());
    tdx.keyIds().release(td.keyId());
    vm.share().releaseKeyId();
  }

  /**
   * Ends a TD.
   *
   * @param tdcsAdded how many of its control-structure pages were given to the module
   */
  void run(
      TdxTd td,
      List<TdxVcpu> vcpus,
      @Nullable MirrorTable mirror,
      EptTables shared,
      int tdcsAdded) {
    TdxVm.Retirement retirement = vm.retirement();
    if (retirement == TdxVm.Retirement.NOT_YET) {
      retirement = retire(td, vcpus);
    }
    shared.free();
    if (retirement == TdxVm.Retirement.FAILED) {
      return;
    }
    LogicalProcessor lp = cpus.acquireAny();
    try {
      if (mirror != null) {
        reclaimMemory(lp, mirror);
      }
      vcpus.forEach(vcpu -> vcpu.pagesGiven().forEach(page -> reclaim(lp, page)));
      for (TdcsPage page : td.tdcs().subList(0, tdcsAdded)) {
        reclaim(lp, page);
      }
      td.tdcs().subList(tdcsAdded, td.tdcs().size()).forEach(page -> frames.free(page.hpa()));
      if (reclaimOnly(lp, td.tdr())) {
        // The module accessed the TDR with its own key; no line of it may be written back later.
        tdx.phymem().pageWbinvd(lp, td.tdr(), tdx.globalKeyId());
        frames.free(td.tdr().hpa());
      }
    } finally {
      cpus.release(lp);
    }
  }

  private boolean retireKeyId(TdxTd td) {
    TdxStatus status = repeatWhileBusy(lp -> tdx.mng().vpFlushDone(lp, td));
    if (!status.isSuccess()) {
      return lost(TdhMng.VPFLUSHDONE, status);
    }
    for (LogicalProcessor lp : cpus.packages()) {
      cpus.acquireExactly(lp);
      try {
        status = tdx.phymem().cacheWriteBack(lp);
      } finally {
        cpus.release(lp);
      }
      if (!status.isSuccess()) {
        return lost(TdhPhymem.CACHE_WB, status);
      }
    }
    status = repeatWhileBusy(lp -> tdx.mng().keyFreeId(lp, td));
    return status.isSuccess() || lost(TdhMng.KEY_FREEID, status);
  }

  private TdxStatus repeatWhileBusy(java.util.function.Function<LogicalProcessor, TdxStatus> call) {
    for (int i = 0; ; i++) {
      TdxStatus status = cpus.onAny(call);
      if (i == BUSY_RETRIES || !status.isBusy()) {
        return status;
      }
      Thread.onSpinWait();
    }
  }

  private boolean lost(Leaf leaf, TdxStatus status) {
    vm.leakPrivateFiles();
    vm.host().log().warn("kvm: " + leaf.abiName() + " failed: " + status + ", leaking the TD");
    return false;
  }

  /**
   * Reclaims the guest pages of a range, once the KeyID is retired; their frames stay with their
   * file. False if the module refused one.
   */
  boolean reclaimRange(LogicalProcessor lp, TdxMemory memory, long from, long to) {
    MirrorTable mirror = memory.mirror();
    boolean[] all = {true};
    vm.mmuLock.lock();
    try {
      mirror.forEachLeaf(
          from,
          Math.min(to, mirror.limit()),
          (gfn, hpa, level) -> {
            cpus.serve(lp);
            if (all[0] && reclaimOnly(lp, new GuestPage(new Hpa(hpa)))) {
              mirror.unmap(gfn, level);
            } else {
              all[0] = false;
            }
          });
    } finally {
      vm.mmuLock.unlock();
    }
    return all[0];
  }

  private void reclaimMemory(LogicalProcessor lp, MirrorTable mirror) {
    // Guest pages still mapped: their frames belong to a file and are freed with it.
    mirror.forEachLeaf(
        0, mirror.limit(), (_, hpa, _) -> reclaimOnly(lp, new GuestPage(new Hpa(hpa))));
    mirror.forEachTable(
        hpa -> {
          cpus.serve(lp);
          reclaim(lp, new SeptPage(new Hpa(hpa)));
        });
  }

  private boolean reclaimOnly(LogicalProcessor lp, TdxPage page) {
    TdxStatus status = tdx.phymem().reclaim(lp, page).status();
    if (!status.isSuccess()) {
      lost(TdhPhymem.PAGE_RECLAIM, status);
    }
    return status.isSuccess();
  }

  private void reclaim(LogicalProcessor lp, TdxPage page) {
    if (reclaimOnly(lp, page)) {
      frames.free(page.hpa());
    }
  }
}
