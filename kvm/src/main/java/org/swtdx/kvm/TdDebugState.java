package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EBUSY;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;

import java.util.function.ToIntFunction;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdxStatus;

/**
 * The register ioctls of a debuggable TD's vCPU, which Linux does not have ({@link
 * KvmExtension#DEBUG_TD}). A TD's local APIC stays protected.
 */
final class TdDebugState extends RegisterIoctls {
  private final TdxVcpu vcpu;
  private final TdCpuState state;

  private TdDebugState(TdxVcpu vcpu, TdCpuState state) {
    super(state);
    this.vcpu = vcpu;
    this.state = state;
  }

  /**
   * Calls an ioctl, the vCPU's mutex held: its result, or -EINVAL when the TD cannot be debugged or
   * the module does not take a value.
   */
  static int apply(TdxVcpu vcpu, ToIntFunction<RegisterIoctls> ioctl) {
    return on(vcpu, state -> ioctl.applyAsInt(new TdDebugState(vcpu, state)));
  }

  /** Works on the registers of a vCPU, if its TD can be debugged; -EINVAL if not. */
  static int on(TdxVcpu vcpu, ToIntFunction<TdCpuState> action) {
    if (!vcpu.debuggable()) {
      return -EINVAL;
    }
    vcpu.load();
    try {
      TdCpuState state = new TdCpuState(vcpu);
      int result = action.applyAsInt(state);
      return result != 0 ? result : error(state.refused());
    } finally {
      vcpu.put();
    }
  }

  private static int error(TdxStatus status) {
    if (status.isSuccess()) {
      return 0;
    }
    if (status.isBusy()) {
      return -EBUSY;
    }
    boolean value =
        status.is(StatusCode.METADATA_FIELD_VALUE_NOT_VALID)
            || status.is(StatusCode.METADATA_FIELD_NOT_WRITABLE);
    return value ? -EINVAL : -EIO;
  }

  @Override
  long apicBase() {
    return vcpu.msr(0x1b);
  }

  @Override
  long load(long gpa) {
    return new TdDebugMemory(vcpu.vm()).load(vcpu.lp(), gpa, Long.BYTES);
  }

  /** The module's image has the components of the TD's XFAM only. */
  @Override
  long guestXcr0() {
    return -1;
  }

  /** The module decides the rest. */
  @Override
  boolean validXcr0(long value) {
    return (value & 1) != 0;
  }

  @Override
  int setSregs(KvmSregs in) {
    if (!consistent(in) || in.apicBase() != apicBase() || in.cr8() != state.cr(8)) {
      return -EINVAL;
    }
    applySregs(in);
    return 0;
  }

  @Override
  long debugRegister(int number) {
    return vcpu.debug().register(state, number);
  }

  @Override
  void debugRegister(int number, long value) {
    vcpu.debug().register(state, number, value);
  }

  @Override
  int getLapic(KvmLapicState out) {
    return -EINVAL;
  }

  @Override
  int setLapic(KvmLapicState in) {
    return -EINVAL;
  }
}
