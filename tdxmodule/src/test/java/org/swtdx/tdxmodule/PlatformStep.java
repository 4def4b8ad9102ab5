package org.swtdx.tdxmodule;

import org.jspecify.annotations.Nullable;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdxStatus;

/** One step, executed on the module and on the model. */
abstract class PlatformStep {
  static final int CONTROL_PAGES = 6;

  final PlatformModel model;
  final PlatformModel.Step s;
  final @Nullable TdModel td;
  final long tdr;
  final long page;
  final long gpa;
  StatusCode got = StatusCode.SUCCESS;

  PlatformStep(PlatformModel model, PlatformModel.Step s, @Nullable TdModel td, long tdr) {
    this.model = model;
    this.s = s;
    this.td = td;
    this.tdr = tdr;
    page = model.page(s.page(), s.lp() != 1); // mostly one that can be given
    gpa = model.address(s.address());
  }

  /** Executes the step; returns what the module must answer, null when that is not known. */
  abstract @Nullable StatusCode run();

  /** What the module answered. */
  StatusCode got() {
    return got;
  }

  void call(int leaf, long... operands) {
    long rax = model.host.callOn(model.host.platform.processors().get(s.lp()), leaf, operands);
    got = TdxStatus.of(rax).code();
  }

  int packageBit() {
    return 1 << model.host.platform.processors().get(s.lp()).packageId();
  }

  /** Whether a page can be given; {@code locked} are pages that the leaf itself has locked. */
  StatusCode give(long given, long... locked) {
    for (long l : locked) {
      if (l == given) {
        return StatusCode.OPERAND_BUSY;
      }
    }
    return model.owners().containsKey(given)
        ? StatusCode.PAGE_METADATA_INCORRECT
        : StatusCode.SUCCESS;
  }

  /** The checks of leaves on a TD that is being built or, where allowed, runs. */
  StatusCode open(boolean alsoRunnable) {
    if (td == null) {
      return StatusCode.PAGE_METADATA_INCORRECT;
    }
    if (td.check() != StatusCode.SUCCESS) {
      return td.check();
    }
    return td.initialized && (alsoRunnable || !td.runnable)
        ? StatusCode.SUCCESS
        : StatusCode.OP_STATE_INCORRECT;
  }

  TdModel it() {
    return java.util.Objects.requireNonNull(td);
  }

  void own(long from, int level) {
    for (long at = 0; at < TdModel.covered(level); at += 4096) {
      model.owners().put(from + at, it());
    }
  }

  void disown(long from, int level) {
    for (long at = 0; at < TdModel.covered(level); at += 4096) {
      model.owners().remove(from + at);
    }
  }

  /** Executes a part of this step on its own. */
  void part(PlatformModel.Action action, int number, int lp) {
    PlatformModel.Step step = new PlatformModel.Step(action, s.td(), number, s.address(), lp);
    String complaint = model.execute(step);
    if (complaint != null) {
      throw new AssertionError("as a part of " + s + ": " + complaint);
    }
  }
}
