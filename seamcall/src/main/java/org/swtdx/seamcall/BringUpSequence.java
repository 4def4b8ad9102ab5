package org.swtdx.seamcall;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Platform;
import org.swtdx.memory.FrameAllocator;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.KeyId;

/**
 * Takes a freshly loaded module to the state in which TDs can be created: SYS.INIT, LP.INIT on
 * every logical processor, SYS.RD, TDMRs with PAMTs from the CMRs, SYS.CONFIG, KEY.CONFIG per
 * package, TDMR.INIT until every region is done.
 */
final class BringUpSequence {
  private static final int BUSY_RETRIES = 1000;

  private final Platform platform;
  private final SeamcallGate gate;
  private final TdhSys sys;
  private final FrameAllocator frames;
  private final LogicalProcessor boot;

  BringUpSequence(Platform platform, SeamcallGate gate) {
    this.platform = platform;
    this.gate = gate;
    sys = new TdhSys(gate);
    frames = platform.memory().frames();
    boot = platform.processors().getFirst();
  }

  BringUp run() {
    BringUp.Failed failure = initialize();
    if (failure != null) {
      return failure;
    }
    SysInfoReader reader = new SysInfoReader(sys, boot);
    SysInfo info = TdxPlatform.on(boot, _ -> reader.read());
    failure = reader.failure() != null ? reader.failure() : checkFeatures(info);
    if (failure == null) {
      failure = giveMemory(info);
    }
    return failure != null
        ? failure
        : new BringUp.Ready(new TdxPlatform(platform.memory().layout(), gate, info));
  }

  private BringUp.@Nullable Failed initialize() {
    TdxStatus status = TdxPlatform.on(boot, sys::init);
    if (!status.isSuccess()) {
      return failed(TdhSys.INIT, status, "load the module afresh: it was initialised before");
    }
    for (LogicalProcessor lp : platform.processors()) {
      status = TdxPlatform.on(lp, sys::lpInit);
      if (!status.isSuccess()) {
        return failed(
            TdhSys.LP_INIT,
            status,
            "logical processor " + lp.index() + " does not match the first one");
      }
    }
    return null;
  }

  private static BringUp.@Nullable Failed checkFeatures(SysInfo info) {
    if (!info.has(SysInfo.TOPOLOGY_ENUM)) {
      return new BringUp.Failed(
          TdhSys.RD.abiName(),
          "TDX_FEATURES0 lacks TOPOLOGY_ENUM",
          "use a module that takes x2APIC ids in TDH.VP.INIT, 1.5.06 or later");
    }
    return null;
  }

  private BringUp.@Nullable Failed giveMemory(SysInfo info) {
    List<Tdmr> tdmrs = Tdmr.covering(info.cmrs());
    BringUp.Failed failure = construct(info, tdmrs);
    if (failure == null) {
      failure = configure(tdmrs);
    }
    if (failure != null) {
      for (Tdmr tdmr : tdmrs) {
        tdmr.freePamt(frames);
      }
      return failure;
    }
    failure = configureKeys();
    return failure != null ? failure : initializeRegions(tdmrs);
  }

  private BringUp.@Nullable Failed construct(SysInfo info, List<Tdmr> tdmrs) {
    if (tdmrs.isEmpty() || tdmrs.size() > info.maxTdmrs()) {
      return new BringUp.Failed(
          TdhSys.CONFIG.abiName(),
          tdmrs.size() + " TDMRs needed, 1 to " + info.maxTdmrs() + " possible",
          "give the platform convertible memory in fewer pieces");
    }
    for (Tdmr tdmr : tdmrs) {
      if (!tdmr.allocatePamt(frames, info.pamtEntrySizes())) {
        return new BringUp.Failed(
            TdhSys.CONFIG.abiName(),
            "no memory for the PAMT of the TDMR at " + tdmr.base(),
            "give the platform more memory; the PAMT takes 1/256 of it");
      }
    }
    for (Tdmr tdmr : tdmrs) {
      tdmr.reserve(info.cmrs(), tdmrs);
      if (tdmr.reserved().size() > info.maxReservedPerTdmr()) {
        return new BringUp.Failed(
            TdhSys.CONFIG.abiName(),
            tdmr.reserved().size()
                + " reserved areas in a TDMR, at most "
                + info.maxReservedPerTdmr()
                + " possible",
            "give the platform convertible memory in fewer pieces");
      }
    }
    return null;
  }

  private BringUp.@Nullable Failed configure(List<Tdmr> tdmrs) {
    int perPage = Hpa.PAGE_SIZE / Tdmr.INFO_SIZE;
    List<Hpa> pages = new ArrayList<>();
    for (int i = 0; i <= (tdmrs.size() + perPage - 1) / perPage; i++) {
      Optional<Hpa> page = frames.allocate();
      if (page.isEmpty()) {
        pages.forEach(frames::free);
        return new BringUp.Failed(
            TdhSys.CONFIG.abiName(), "no memory for TDMR_INFO", "give the platform more memory");
      }
      pages.add(page.get());
    }
    for (int i = 0; i < tdmrs.size(); i++) {
      Hpa info = pages.get(1 + i / perPage).plus((long) i % perPage * Tdmr.INFO_SIZE);
      platform.memory().host().write(info, tdmrs.get(i).encode(), 0, Tdmr.INFO_SIZE);
      platform.memory().host().write64(pages.getFirst().plus(8L * i), info.value());
    }
    KeyId global = new KeyId(platform.memory().layout().firstTdxKeyId());
    TdxStatus status =
        TdxPlatform.on(boot, lp -> sys.config(lp, pages.getFirst(), tdmrs.size(), global));
    pages.forEach(frames::free);
    return status.isSuccess()
        ? null
        : failed(TdhSys.CONFIG, status, "the TDMRs or PAMTs do not fit the platform's CMRs");
  }

  private BringUp.@Nullable Failed configureKeys() {
    for (LogicalProcessor lp : onePerPackage(platform)) {
      TdxStatus status = TdxStatus.SUCCESS;
      for (int i = 0; i < BUSY_RETRIES; i++) {
        status = TdxPlatform.on(lp, sys::keyConfig);
        if (!status.is(StatusCode.KEY_GENERATION_FAILED) && !status.is(StatusCode.SYS_BUSY)) {
          break;
        }
      }
      if (!status.isSuccess()) {
        return failed(
            TdhSys.KEY_CONFIG, status, "the key engine of package " + lp.packageId() + " failed");
      }
    }
    return null;
  }

  private BringUp.@Nullable Failed initializeRegions(List<Tdmr> tdmrs) {
    for (Tdmr tdmr : tdmrs) {
      boolean done = false;
      while (!done) {
        FieldReply reply = TdxPlatform.on(boot, lp -> sys.tdmrInit(lp, tdmr.base()));
        if (!reply.status().isSuccess()) {
          return failed(
              TdhSys.TDMR_INIT, reply.status(), "the TDMR at " + tdmr.base() + " is unusable");
        }
        done =
            reply.status().is(StatusCode.TDMR_ALREADY_INITIALIZED) || reply.value() >= tdmr.end();
      }
    }
    return null;
  }

  /** Returns one logical processor of each package. */
  static List<LogicalProcessor> onePerPackage(Platform platform) {
    List<LogicalProcessor> result = new ArrayList<>();
    for (LogicalProcessor lp : platform.processors()) {
      if (lp.packageId() == result.size()) {
        result.add(lp);
      }
    }
    return result;
  }

  private static BringUp.Failed failed(Leaf leaf, TdxStatus status, String remedy) {
    return new BringUp.Failed(leaf.abiName(), status.toString(), remedy);
  }
}
