package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EINVAL;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.Processor;
import org.swtdx.kvm.uapi.KvmVcpuEvents;

/**
 * The event that an ordinary vCPU's next entry delivers, and KVM_GET/SET_VCPU_EVENTS, which save
 * and restore it. Used by the thread that holds the vCPU's mutex.
 */
final class VmxEvents {
  private static final int NONE = -1;
  private static final int DEBUG = 1;
  private static final int NMI = 2;
  private static final int PAGE_FAULT = 14;
  private static final int VALID_NMI = 1;
  private static final int VALID_SIPI = 2;
  private static final int VALID_SHADOW = 4;
  private static final int VALID_SMM = 8;
  private static final int VALID_PAYLOAD = 16;
  private static final int VALID_TRIPLE_FAULT = 32;
  private static final int SHADOW_MOV_SS = 1;
  private static final int SHADOW_STI = 2;
  private static final int BLOCKING_STI = 1;
  private static final int BLOCKING_MOV_SS = 2;
  private static final int BLOCKING_NMI = 8;
  private static final long DR6_RTM = 1 << 16;

  private final VmxVcpu vcpu;
  private final Processor processor;
  private int vector = NONE;
  private int type;
  private int errorCode;
  private int length;
  private boolean pending;
  private boolean hasPayload;
  private long payload;
  private boolean tripleFault;

  VmxEvents(VmxVcpu vcpu) {
    this.vcpu = vcpu;
    processor = vcpu.processor();
  }

  /** Whether an event waits for the next entry. */
  boolean queued() {
    return vector != NONE;
  }

  /** Whether an exception waits for the next entry. */
  boolean exceptionQueued() {
    return queued() && type != Processor.EXTERNAL_INTERRUPT && type != Processor.NMI;
  }

  /** The vector of an external interrupt that waits for the next entry; -1 for none. */
  int injectedInterrupt() {
    return queued() && type == Processor.EXTERNAL_INTERRUPT ? vector : NONE;
  }

  /** Gives up an exception that user space made pending. */
  void dropPending() {
    if (pending) {
      vector = NONE;
    }
  }

  /** Sets the event of the next entry; arguments as of {@link Processor#inject}. */
  void queue(int newVector, int newType, int newErrorCode, int instructionLength) {
    vector = newVector;
    type = newType;
    errorCode = newErrorCode;
    length = instructionLength;
    pending = false;
    hasPayload = false;
  }

  /** Queues an exception with an error code, or -1 for none. */
  void exception(int newVector, int newErrorCode) {
    queue(newVector, Processor.HARDWARE_EXCEPTION, newErrorCode, 0);
  }

  /** The vCPU shuts down instead of entering. */
  void requestTripleFault() {
    tripleFault = true;
  }

  boolean takeTripleFault() {
    boolean requested = tripleFault;
    tripleFault = false;
    return requested;
  }

  /** Hands the event to the processor that is about to enter. */
  void enter() {
    if (vector == NONE) {
      return;
    }
    if (hasPayload) {
      deliverPayload();
    }
    processor.inject(vector, type, errorCode, length);
    vector = NONE;
  }

  private void deliverPayload() {
    CpuState state = processor.state();
    if (vector == DEBUG) {
      state.setDr(6, state.dr(6) | payload & ~DR6_RTM & 0xe00f);
    } else if (vector == PAGE_FAULT) {
      state.setCr(2, payload);
    }
  }

  // ---- KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS ----

  int get(KvmVcpuEvents out) {
    VmOptions options = vcpu.vm().options;
    if (exceptionQueued() && type == Processor.HARDWARE_EXCEPTION) {
      out.exceptionInjected(pending && options.exceptionPayload ? 0 : 1);
      out.exceptionPending(pending ? 1 : 0);
      out.exceptionNr(vector).exceptionHasErrorCode(errorCode == -1 ? 0 : 1);
      out.exceptionErrorCode(errorCode == -1 ? 0 : errorCode);
      out.exceptionHasPayload(hasPayload ? 1 : 0).exceptionPayload(payload);
    } else if (queued() && type == Processor.EXTERNAL_INTERRUPT) {
      out.interruptInjected(1).interruptNr(vector);
    } else if (queued() && type == Processor.NMI) {
      out.nmiInjected(1);
    }
    int blocking = processor.state().interruptibility();
    out.interruptShadow(
        ((blocking & BLOCKING_STI) != 0 ? SHADOW_STI : 0)
            | ((blocking & BLOCKING_MOV_SS) != 0 ? SHADOW_MOV_SS : 0));
    out.nmiPending(vcpu.nmiRequested() ? 1 : 0);
    out.nmiMasked((blocking & BLOCKING_NMI) != 0 ? 1 : 0);
    out.smiLatchedInit(vcpu.startup().initPending() ? 1 : 0);
    out.tripleFaultPending(options.tripleFaultEvent && tripleFault ? 1 : 0);
    out.flags(
        VALID_NMI
            | VALID_SHADOW
            | VALID_SMM
            | (options.exceptionPayload ? VALID_PAYLOAD : 0)
            | (options.tripleFaultEvent ? VALID_TRIPLE_FAULT : 0));
    return 0;
  }

  int set(KvmVcpuEvents in) {
    VmOptions options = vcpu.vm().options;
    int flags = in.flags();
    int known =
        VALID_NMI | VALID_SIPI | VALID_SHADOW | VALID_SMM | VALID_PAYLOAD | VALID_TRIPLE_FAULT;
    boolean withPayload = (flags & VALID_PAYLOAD) != 0;
    boolean isPending = withPayload && in.exceptionPending() != 0;
    boolean isInjected = in.exceptionInjected() != 0 && !isPending;
    boolean smm = in.smiSmm() != 0 || in.smiPending() != 0 || in.smiInsideNmi() != 0;
    if ((flags & ~known) != 0
        || withPayload && !options.exceptionPayload
        || (isPending || isInjected) && (in.exceptionNr() > 31 || in.exceptionNr() == NMI)
        || (flags & VALID_SMM) != 0 && smm
        || (flags & VALID_TRIPLE_FAULT) != 0 && !options.tripleFaultEvent) {
      return -EINVAL;
    }
    vector = NONE;
    if (isPending || isInjected) {
      exception(in.exceptionNr(), in.exceptionHasErrorCode() != 0 ? in.exceptionErrorCode() : -1);
      pending = isPending;
      hasPayload = isPending && in.exceptionHasPayload() != 0;
      payload = in.exceptionPayload();
    } else if (in.interruptInjected() != 0) {
      queue(in.interruptNr(), Processor.EXTERNAL_INTERRUPT, -1, 0);
    } else if (in.nmiInjected() != 0) {
      queue(NMI, Processor.NMI, -1, 0);
    }
    setBlocking(in, (flags & VALID_SHADOW) != 0);
    if ((flags & VALID_NMI) != 0) {
      vcpu.nmiRequest(in.nmiPending() != 0);
    }
    if ((flags & VALID_SIPI) != 0 && vcpu.vm().hasIrqchip()) {
      vcpu.startup().lastVector(in.sipiVector() & 0xff);
    }
    if ((flags & VALID_SMM) != 0 && in.smiLatchedInit() != 0) {
      vcpu.requestInit();
    }
    if ((flags & VALID_TRIPLE_FAULT) != 0) {
      tripleFault = in.tripleFaultPending() != 0;
    }
    return 0;
  }

  private void setBlocking(KvmVcpuEvents in, boolean withShadow) {
    CpuState state = processor.state();
    int blocking = state.interruptibility() & ~BLOCKING_NMI;
    if (withShadow) {
      blocking &= ~(BLOCKING_STI | BLOCKING_MOV_SS);
      blocking |= (in.interruptShadow() & SHADOW_STI) != 0 ? BLOCKING_STI : 0;
      blocking |= (in.interruptShadow() & SHADOW_MOV_SS) != 0 ? BLOCKING_MOV_SS : 0;
    }
    state.setInterruptibility(blocking | (in.nmiMasked() != 0 ? BLOCKING_NMI : 0));
  }
}
