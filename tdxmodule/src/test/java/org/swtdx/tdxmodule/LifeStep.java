package org.swtdx.tdxmodule;

import org.jspecify.annotations.Nullable;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.tdxmodule.TdModel.Life;
import org.swtdx.tdxmodule.TdModel.Vcpu;

/** A step in the life of a TD and its vCPUs. */
final class LifeStep extends PlatformStep {
  private static final int VP_ADDCX = 4, VP_CREATE = 10, FLUSH = 18, VP_INIT_V1 = 0x10016;

  LifeStep(PlatformModel model, PlatformModel.Step s, @Nullable TdModel td, long tdr) {
    super(model, s, td, tdr);
  }

  @Override
  @Nullable StatusCode run() {
    return switch (s.action()) {
      case GUEST -> guest();
      case BUILD -> build();
      case BUILD_VCPU -> buildVcpu();
      case END -> end();
      case CREATE -> create();
      case KEY_CONFIG -> keyConfig();
      case ADD_CONTROL_PAGE -> addControlPage();
      case INIT -> init();
      case VP_CREATE -> vpCreate();
      case VP_ADDCX -> vpAddcx();
      case VP_INIT -> vpInit();
      case FINALIZE -> finish();
      case FLUSH -> flush();
      case FLUSH_DONE -> flushDone();
      case WRITE_BACK -> writeBack();
      case FREE_KEY -> freeKey();
      case RECLAIM -> reclaim();
      default -> throw new AssertionError(s.action());
    };
  }

  private StatusCode guest() {
    int keyId = PlatformModel.keyId(s.td());
    if (td == null && !model.keyIdInUse(keyId)) {
      GuestTd guest = new GuestTd(model.host, keyId, GuestLoop.code());
      GuestLoop.start(guest);
      model.add(s.td(), GuestLoop.adopt(model, guest, keyId));
    }
    return StatusCode.SUCCESS;
  }

  /** A TD in operation state INITIALIZED, where the slot is empty. */
  private StatusCode build() {
    if (td == null && !model.keyIdInUse(PlatformModel.keyId(s.td()))) {
      part(PlatformModel.Action.CREATE, s.page(), 0);
      part(PlatformModel.Action.KEY_CONFIG, 0, 0);
      part(PlatformModel.Action.KEY_CONFIG, 0, Host.LPS - 1);
      for (int i = 0; i < CONTROL_PAGES; i++) {
        part(PlatformModel.Action.ADD_CONTROL_PAGE, s.page(), 0);
      }
      part(PlatformModel.Action.INIT, 0, 0);
    }
    return StatusCode.SUCCESS;
  }

  private StatusCode buildVcpu() {
    if (td != null && td.vcpus.isEmpty()) {
      part(PlatformModel.Action.VP_CREATE, s.page(), 0);
      for (int i = 1; i < CONTROL_PAGES; i++) {
        part(PlatformModel.Action.VP_ADDCX, s.page(), 0);
      }
      part(PlatformModel.Action.VP_INIT, s.page(), s.lp());
      part(PlatformModel.Action.FINALIZE, 0, 0);
    }
    return StatusCode.SUCCESS;
  }

  /** The whole end of a TD, down to its last page. */
  private StatusCode end() {
    if (td == null) {
      return StatusCode.SUCCESS;
    }
    for (int i = 0; i < td.vcpus.size() && i < PlatformModel.addresses(); i++) {
      for (int lp = 0; lp < Host.LPS; lp++) {
        PlatformModel.Action flush = PlatformModel.Action.FLUSH;
        String complaint = model.execute(new PlatformModel.Step(flush, s.td(), 0, i, lp));
        if (complaint != null) {
          throw new AssertionError(complaint);
        }
      }
    }
    part(PlatformModel.Action.FLUSH_DONE, 0, 0);
    part(PlatformModel.Action.WRITE_BACK, 0, 0);
    part(PlatformModel.Action.WRITE_BACK, 0, Host.LPS - 1);
    part(PlatformModel.Action.FREE_KEY, 0, 0);
    for (int left = 2; left > 0; left--) { // the root goes last
      for (Long frame : java.util.List.copyOf(model.owners().keySet())) {
        if (model.owners().get(frame) == td) {
          StatusCode wanted = reclaim(frame);
          if (got != wanted) {
            throw new AssertionError("reclaiming 0x%x: %s, %s".formatted(frame, wanted, got));
          }
        }
      }
    }
    got = StatusCode.SUCCESS;
    return StatusCode.SUCCESS;
  }

  private StatusCode create() {
    int keyId = PlatformModel.keyId(s.td());
    call(Host.MNG_CREATE, page, keyId);
    StatusCode wanted = give(page);
    if (wanted == StatusCode.SUCCESS && model.keyIdInUse(keyId)) {
      wanted = StatusCode.HKID_NOT_FREE;
    }
    if (wanted == StatusCode.SUCCESS) {
      model.add(s.td(), new TdModel(page, keyId));
    }
    return wanted;
  }

  private StatusCode keyConfig() {
    call(Host.MNG_KEY_CONFIG, tdr);
    if (td == null) {
      return StatusCode.PAGE_METADATA_INCORRECT;
    }
    if (td.life != Life.NO_KEY) {
      return StatusCode.LIFECYCLE_STATE_INCORRECT;
    }
    if ((td.packages & packageBit()) != 0) {
      return StatusCode.KEY_CONFIGURED;
    }
    td.packages |= packageBit();
    td.life = td.packages == (1 << Host.PACKAGES) - 1 ? Life.ALIVE : Life.NO_KEY;
    return StatusCode.SUCCESS;
  }

  private StatusCode addControlPage() {
    call(Host.MNG_ADDCX, page, tdr);
    if (td == null) {
      return StatusCode.PAGE_METADATA_INCORRECT;
    }
    if (td.life != Life.ALIVE) {
      return StatusCode.TD_KEYS_NOT_CONFIGURED;
    }
    if (td.controlPages == CONTROL_PAGES) {
      return StatusCode.TDCX_NUM_INCORRECT;
    }
    StatusCode wanted = give(page, tdr);
    if (wanted == StatusCode.SUCCESS) {
      td.controlPages++;
      own(page, 0);
    }
    return wanted;
  }

  private StatusCode init() {
    call(Host.MNG_INIT, tdr, Host.TD_PARAMS);
    if (td == null) {
      return StatusCode.PAGE_METADATA_INCORRECT;
    }
    StatusCode wanted = td.check();
    if (wanted == StatusCode.SUCCESS && td.initialized) {
      wanted = StatusCode.OP_STATE_INCORRECT;
    }
    td.initialized |= wanted == StatusCode.SUCCESS;
    return wanted;
  }

  private StatusCode vpCreate() {
    call(VP_CREATE, page, tdr);
    StatusCode wanted = open(false);
    if (wanted == StatusCode.SUCCESS) {
      wanted = give(page, tdr);
    }
    if (wanted == StatusCode.SUCCESS) {
      it().vcpus.add(new Vcpu(page));
      own(page, 0);
    }
    return wanted;
  }

  private @Nullable Vcpu vcpu() {
    return td == null || td.vcpus.isEmpty() ? null : td.vcpus.get(s.address() % td.vcpus.size());
  }

  private StatusCode vpAddcx() {
    Vcpu vcpu = vcpu();
    call(VP_ADDCX, page, vcpu == null ? model.spare() : vcpu.tdvpr);
    if (vcpu == null) {
      return StatusCode.PAGE_METADATA_INCORRECT;
    }
    StatusCode wanted = open(false);
    if (wanted != StatusCode.SUCCESS) {
      return wanted;
    }
    if (vcpu.ready) {
      return StatusCode.VCPU_STATE_INCORRECT;
    }
    wanted =
        vcpu.pages == CONTROL_PAGES ? StatusCode.TDCX_NUM_INCORRECT : give(page, tdr, vcpu.tdvpr);
    if (wanted == StatusCode.SUCCESS) {
      vcpu.pages++;
      own(page, 0);
    }
    return wanted;
  }

  private StatusCode vpInit() {
    Vcpu vcpu = vcpu();
    call(VP_INIT_V1, vcpu == null ? model.spare() : vcpu.tdvpr, 0, td == null ? 0 : td.vcpuCount);
    if (vcpu == null) {
      return StatusCode.PAGE_METADATA_INCORRECT;
    }
    StatusCode wanted = open(false);
    if (wanted != StatusCode.SUCCESS) {
      return wanted;
    }
    if (vcpu.pages != CONTROL_PAGES) {
      return StatusCode.TDCX_NUM_INCORRECT;
    }
    if (vcpu.ready) {
      return StatusCode.VCPU_STATE_INCORRECT;
    }
    vcpu.ready = true;
    vcpu.lp = s.lp();
    it().vcpuCount++;
    return StatusCode.SUCCESS;
  }

  private StatusCode finish() {
    call(Host.MR_FINALIZE, tdr);
    StatusCode wanted = open(false);
    if (wanted == StatusCode.SUCCESS && it().vcpuCount == 0) {
      wanted = StatusCode.NO_VCPUS;
    }
    if (wanted == StatusCode.SUCCESS) {
      it().runnable = true;
    }
    return wanted;
  }

  private StatusCode flush() {
    Vcpu vcpu = vcpu();
    call(FLUSH, vcpu == null ? model.spare() : vcpu.tdvpr);
    if (vcpu == null) {
      return StatusCode.PAGE_METADATA_INCORRECT;
    }
    if (it().life != Life.ALIVE) {
      return StatusCode.TD_KEYS_NOT_CONFIGURED;
    }
    if (vcpu.pages != CONTROL_PAGES) {
      return StatusCode.TDCX_NUM_INCORRECT;
    }
    if (vcpu.lp != s.lp()) {
      return StatusCode.VCPU_NOT_ASSOCIATED;
    }
    vcpu.lp = -1;
    return StatusCode.SUCCESS;
  }

  private StatusCode flushDone() {
    call(Host.VPFLUSHDONE, tdr);
    if (td == null) {
      return StatusCode.PAGE_METADATA_INCORRECT;
    }
    if (td.life != Life.NO_KEY && td.life != Life.ALIVE) {
      return StatusCode.LIFECYCLE_STATE_INCORRECT;
    }
    if (td.vcpus.stream().anyMatch(v -> v.lp >= 0)) {
      return StatusCode.FLUSHVP_NOT_DONE;
    }
    td.life = Life.BLOCKED;
    return StatusCode.SUCCESS;
  }

  private StatusCode writeBack() {
    call(Host.CACHE_WB);
    boolean any = false;
    for (TdModel t : model.all()) {
      if (t.life == Life.BLOCKED) {
        t.packages &= ~packageBit();
        any = true;
      }
    }
    return any ? StatusCode.SUCCESS : StatusCode.NO_HKID_READY_TO_WBCACHE;
  }

  private StatusCode freeKey() {
    call(Host.KEY_FREEID, tdr);
    if (td == null) {
      return StatusCode.PAGE_METADATA_INCORRECT;
    }
    if (td.life != Life.BLOCKED) {
      return StatusCode.LIFECYCLE_STATE_INCORRECT;
    }
    if (td.packages != 0) {
      return StatusCode.WBCACHE_NOT_COMPLETE;
    }
    td.life = Life.TEARDOWN;
    return StatusCode.SUCCESS;
  }

  /** Any page, or one that some TD owns. */
  private StatusCode reclaim() {
    Long[] owned = model.owners().keySet().toArray(new Long[0]);
    return s.lp() == 1 || owned.length == 0
        ? reclaim(page)
        : reclaim(owned[s.page() * 31 % owned.length]);
  }

  private StatusCode reclaim(long wantedPage) {
    TdModel owner = model.owners().get(wantedPage);
    call(Host.PAGE_RECLAIM, wantedPage);
    if (owner == null) {
      return StatusCode.PAGE_METADATA_INCORRECT;
    }
    int size = owner.sizeOf(wantedPage);
    if (size < 0) {
      return StatusCode.OPERAND_INVALID; // inside a large page
    }
    if (owner.life != Life.TEARDOWN) {
      return StatusCode.LIFECYCLE_STATE_INCORRECT;
    }
    if (wantedPage == owner.tdr) {
      long pages = model.owners().values().stream().filter(o -> o == owner).count();
      if (pages > 1) {
        return StatusCode.TD_ASSOCIATED_PAGES_EXIST;
      }
      model.remove(owner);
    }
    owner.reclaimed(wantedPage);
    disown(wantedPage, size);
    return StatusCode.SUCCESS;
  }
}
