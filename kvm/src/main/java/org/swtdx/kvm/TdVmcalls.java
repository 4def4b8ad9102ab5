package org.swtdx.kvm;

import static org.swtdx.kvm.Vcpu.CONTINUE;
import static org.swtdx.kvm.Vcpu.TO_USER;
import static org.swtdx.kvm.uapi.Errno.EAGAIN;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.KvmTdx.STATUS_ALIGN_ERROR;
import static org.swtdx.kvm.uapi.KvmTdx.STATUS_INVALID_OPERAND;
import static org.swtdx.kvm.uapi.KvmTdx.STATUS_RETRY;
import static org.swtdx.kvm.uapi.KvmTdx.STATUS_SUBFUNC_UNSUPPORTED;
import static org.swtdx.kvm.uapi.KvmTdx.STATUS_SUCCESS;

import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.port.SeamRegisters;

/** TDG.VP.VMCALL of a TD: what KVM answers, and what it hands to user space and completes later. */
final class TdVmcalls {
  private static final int CPUID = 10;
  private static final int HLT = 12;
  private static final int IO = 30;
  private static final int RDMSR = 31;
  private static final int WRMSR = 32;
  private static final int MMIO = 48;
  private static final int GET_INFO = 0x10000;
  private static final int MAP_GPA = 0x10001;
  private static final int GET_QUOTE = 0x10002;
  private static final int FATAL_ERROR = 0x10003;
  private static final int SETUP_EVENT_NOTIFY = 0x10004;

  private static final long HYPERCALL_ENOSYS = -1000;
  private static final long HYPERCALL_EINVAL = -EINVAL;
  private static final long MAP_GPA_CHUNK = 2 << 20;

  /** What user space was asked for, and how to go on once it answered. */
  private enum Pending {
    NONE,
    IO_READ,
    MSR_READ,
    MSR_WRITE,
    MMIO_READ,
    MAP_GPA,
    HYPERCALL,
    TDX_STATUS,
    TDX_INFO
  }

  private final TdxVcpu vcpu;
  private final SeamRegisters regs;
  private final KvmRun run;
  private final TdMsrs msrs;
  private final int[] cpuidResult = new int[4];
  private Pending pending = Pending.NONE;
  private int accessSize;
  private long mapNext;
  private long mapEnd;

  TdVmcalls(TdxVcpu vcpu) {
    this.vcpu = vcpu;
    regs = vcpu.args().regs;
    run = vcpu.run;
    msrs = new TdMsrs(vcpu);
  }

  TdMsrs msrs() {
    return msrs;
  }

  /** Handles the call in the vCPU's registers. */
  int handle() {
    if (regs.r10 != 0) {
      return hypercall();
    }
    long leaf = regs.r11;
    if (leaf < 0 || leaf > SETUP_EVENT_NOTIFY) {
      return answer(STATUS_SUBFUNC_UNSUPPORTED);
    }
    return switch ((int) leaf) {
      case CPUID -> cpuid();
      case HLT -> halt();
      case IO -> io();
      case RDMSR -> readMsr();
      case WRMSR -> writeMsr();
      case MMIO -> mmio();
      case GET_INFO -> info();
      case MAP_GPA -> mapGpa();
      case GET_QUOTE -> getQuote();
      case FATAL_ERROR -> fatalError();
      case SETUP_EVENT_NOTIFY -> setupEventNotify();
      default -> answer(STATUS_SUBFUNC_UNSUPPORTED);
    };
  }

  private int answer(long status) {
    regs.r10 = status;
    return CONTINUE;
  }

  /** Finishes the call that the last exit was about. */
  int completeUserSpace() {
    Pending what = pending;
    pending = Pending.NONE;
    switch (what) {
      case NONE -> {
        return CONTINUE;
      }
      case IO_READ ->
          regs.r11 =
              switch (accessSize) {
                case 1 -> run.ioData8(0);
                case 2 -> run.ioData16(0);
                default -> run.ioData32(0) & 0xffff_ffffL;
              };
      case MMIO_READ -> regs.r11 = run.mmioData() & mask(accessSize);
      case MAP_GPA -> {
        return completeMapGpa();
      }
      case HYPERCALL -> regs.r10 = run.hypercallRet();
      case MSR_READ, MSR_WRITE -> {
        if (run.msrError() != 0) {
          return answer(STATUS_INVALID_OPERAND);
        }
        if (what == Pending.MSR_READ) {
          regs.r11 = run.msrData();
        }
      }
      case TDX_STATUS -> regs.r10 = run.tdxRet();
      case TDX_INFO -> {
        regs.r10 = run.tdxRet();
        regs.r11 = run.tdxData(1);
        regs.r12 = run.tdxData(2);
        regs.r13 = run.tdxData(3);
        regs.r14 = run.tdxData(4);
      }
    }
    return CONTINUE;
  }

  private static long mask(int size) {
    return size == 8 ? -1 : (1L << 8 * size) - 1;
  }

  // ---- instructions ----

  private int cpuid() {
    vcpu.cpuid().query((int) regs.r12, (int) regs.r13, cpuidResult);
    regs.r12 = cpuidResult[0] & 0xffff_ffffL;
    regs.r13 = cpuidResult[1] & 0xffff_ffffL;
    regs.r14 = cpuidResult[2] & 0xffff_ffffL;
    regs.r15 = cpuidResult[3] & 0xffff_ffffL;
    return CONTINUE;
  }

  private int halt() {
    vcpu.halt((regs.r12 & 1) != 0);
    return CONTINUE;
  }

  private int io() {
    long size = regs.r12;
    long write = regs.r13;
    if (write >>> 1 != 0 || size != 1 && size != 2 && size != 4) {
      return answer(STATUS_INVALID_OPERAND);
    }
    if (write != 0) {
      long value = regs.r15 & mask((int) size);
      if (vcpu.vm().bus.write(true, regs.r14 & 0xffff, (int) size, value)) {
        return CONTINUE;
      }
      switch ((int) size) {
        case 1 -> run.ioData8(0, (int) regs.r15);
        case 2 -> run.ioData16(0, (int) regs.r15);
        default -> run.ioData32(0, (int) regs.r15);
      }
    } else {
      accessSize = (int) size;
      pending = Pending.IO_READ;
    }
    run.exitReason(KvmExit.IO).ioDirection(write != 0 ? KvmRun.IO_OUT : KvmRun.IO_IN);
    run.ioSize((int) size).ioPort((int) regs.r14).ioCount(1).ioDataOffset(KvmRun.IO_DATA_OFFSET);
    return TO_USER;
  }

  private int readMsr() {
    int msr = (int) regs.r12;
    if (!vcpu.vm().options.allowsMsr(msr, false)) {
      return msrExit(KvmExit.X86_RDMSR, VmOptions.MSR_FILTER, msr, 0);
    }
    if (!msrs.read(msr)) {
      return msrExit(KvmExit.X86_RDMSR, VmOptions.MSR_UNKNOWN, msr, 0);
    }
    regs.r11 = msrs.value();
    return CONTINUE;
  }

  private int writeMsr() {
    int msr = (int) regs.r12;
    if (!vcpu.vm().options.allowsMsr(msr, true)) {
      return msrExit(KvmExit.X86_WRMSR, VmOptions.MSR_FILTER, msr, regs.r13);
    }
    if (msrs.write(msr, regs.r13, false)) {
      return CONTINUE;
    }
    int reason = msrs.read(msr) ? VmOptions.MSR_INVALID : VmOptions.MSR_UNKNOWN;
    return msrExit(KvmExit.X86_WRMSR, reason, msr, regs.r13);
  }

  /** Leaves an access to user space if that wants it, else refuses it. */
  private int msrExit(int exit, int reason, int msr, long value) {
    if ((vcpu.vm().options.msrExits & reason) == 0) {
      return answer(STATUS_INVALID_OPERAND);
    }
    run.exitReason(exit).msrError(0).msrReason(reason).msrIndex(msr).msrData(value);
    pending = exit == KvmExit.X86_RDMSR ? Pending.MSR_READ : Pending.MSR_WRITE;
    return TO_USER;
  }

  private int mmio() {
    long size = regs.r12;
    long write = regs.r13;
    long gpa = regs.r14;
    TdxVm vm = vcpu.vm();
    if (size != 1 && size != 2 && size != 4 && size != 8
        || write >>> 1 != 0
        || vm.isPrivate(gpa)
        || vm.isPrivate(gpa + size - 1)) {
      return answer(STATUS_INVALID_OPERAND);
    }
    long address = gpa & ~vm.sharedBit();
    if (write != 0 && vm.bus.write(false, address, (int) size, regs.r15 & mask((int) size))) {
      return CONTINUE;
    }
    run.exitReason(KvmExit.MMIO).mmioPhysAddr(address).mmioLen((int) size);
    run.mmioIsWrite((int) write);
    if (write != 0) {
      run.mmioData(regs.r15 & mask((int) size));
    } else {
      run.mmioData(0);
      accessSize = (int) size;
      pending = Pending.MMIO_READ;
    }
    return TO_USER;
  }

  // ---- GHCI services ----

  private int info() {
    if (regs.r12 == 0) {
      regs.r11 = 0;
      regs.r13 = 0;
      regs.r14 = 0;
      return CONTINUE;
    }
    if (regs.r12 != 1) {
      return answer(STATUS_INVALID_OPERAND);
    }
    tdxExit(KvmTdx.TDVMCALL_GET_TD_VM_CALL_INFO, STATUS_SUCCESS).tdxData(0, regs.r12);
    for (int i = 1; i < 5; i++) {
      run.tdxData(i, 0);
    }
    pending = Pending.TDX_INFO;
    return TO_USER;
  }

  private KvmRun tdxExit(int number, long status) {
    return run.exitReason(KvmExit.TDX).tdxFlags(0).tdxNr(number).tdxRet(status);
  }

  private int getQuote() {
    if (vcpu.vm().isPrivate(regs.r12)) {
      return answer(STATUS_INVALID_OPERAND);
    }
    tdxExit(KvmTdx.TDVMCALL_GET_QUOTE, STATUS_SUBFUNC_UNSUPPORTED)
        .tdxData(0, regs.r12 & ~vcpu.vm().sharedBit())
        .tdxData(1, regs.r13);
    pending = Pending.TDX_STATUS;
    return TO_USER;
  }

  private int setupEventNotify() {
    long vector = regs.r12;
    if (vector < 32 || vector > 255) {
      return answer(STATUS_INVALID_OPERAND);
    }
    tdxExit(KvmTdx.TDVMCALL_SETUP_EVENT_NOTIFY_INTERRUPT, STATUS_SUBFUNC_UNSUPPORTED)
        .tdxData(0, vector);
    pending = Pending.TDX_STATUS;
    return TO_USER;
  }

  private int fatalError() {
    run.exitReason(KvmExit.SYSTEM_EVENT)
        .systemEventType(KvmExit.SYSTEM_EVENT_TDX_FATAL)
        .systemEventNdata(16);
    run.systemEventData(0, vcpu.args().ret).systemEventData(1, regs.rcx);
    run.systemEventData(2, regs.rdx).systemEventData(3, regs.rbx);
    run.systemEventData(4, 0).systemEventData(5, 0);
    run.systemEventData(6, regs.rsi).systemEventData(7, regs.rdi);
    run.systemEventData(8, regs.r8).systemEventData(9, regs.r9);
    run.systemEventData(10, regs.r10).systemEventData(11, regs.r11);
    run.systemEventData(12, regs.r12).systemEventData(13, regs.r13);
    run.systemEventData(14, regs.r14).systemEventData(15, regs.r15);
    return TO_USER;
  }

  // ---- MapGPA ----

  private int mapGpa() {
    long gpa = regs.r12;
    long size = regs.r13;
    TdxVm vm = vcpu.vm();
    long status = STATUS_SUCCESS;
    if (!vm.options.exitsOnHypercall(KvmExit.HC_MAP_GPA_RANGE)) {
      status = STATUS_SUBFUNC_UNSUPPORTED;
    } else if (Long.compareUnsigned(gpa + size, gpa) <= 0
        || !legal(gpa)
        || !legal(gpa + size - 1)
        || vm.isPrivate(gpa) != vm.isPrivate(gpa + size - 1)) {
      status = STATUS_INVALID_OPERAND;
    } else if (((gpa | size) & Hpa.PAGE_SIZE - 1) != 0) {
      status = STATUS_ALIGN_ERROR;
    }
    if (status != STATUS_SUCCESS) {
      regs.r11 = gpa;
      return answer(status);
    }
    mapNext = gpa;
    mapEnd = gpa + size;
    return mapNextChunk();
  }

  private boolean legal(long gpa) {
    return gpa >>> vcpu.cpuid().physicalBits() == 0;
  }

  private int mapNextChunk() {
    long size = Math.min(mapEnd - mapNext, MAP_GPA_CHUNK);
    TdxVm vm = vcpu.vm();
    mapExit(
        mapNext & ~vm.sharedBit(),
        size >>> 12,
        vm.isPrivate(mapNext) ? KvmExit.MAP_GPA_RANGE_ENCRYPTED : 0);
    pending = Pending.MAP_GPA;
    return TO_USER;
  }

  private void mapExit(long gpa, long pages, long attributes) {
    run.exitReason(KvmExit.HYPERCALL).hypercallNr(KvmExit.HC_MAP_GPA_RANGE);
    run.hypercallArgs(0, gpa).hypercallArgs(1, pages).hypercallArgs(2, attributes);
    run.hypercallRet(0).hypercallFlags(1);
  }

  private int completeMapGpa() {
    long result = run.hypercallRet();
    if (result == EAGAIN || result == EINVAL) {
      regs.r11 = mapNext;
      return answer(result == EAGAIN ? STATUS_RETRY : STATUS_INVALID_OPERAND);
    }
    if (result != 0) {
      return -EINVAL;
    }
    mapNext += MAP_GPA_CHUNK;
    if (Long.compareUnsigned(mapNext, mapEnd) >= 0) {
      return answer(STATUS_SUCCESS);
    }
    if (vcpu.hasEvents()) {
      regs.r11 = mapNext;
      return answer(STATUS_RETRY);
    }
    return mapNextChunk();
  }

  // ---- KVM hypercalls ----

  private int hypercall() {
    long gpa = regs.r11;
    long pages = regs.r12;
    if (regs.r10 != KvmExit.HC_MAP_GPA_RANGE
        || !vcpu.vm().options.exitsOnHypercall(KvmExit.HC_MAP_GPA_RANGE)) {
      return answer(HYPERCALL_ENOSYS);
    }
    if ((gpa & Hpa.PAGE_SIZE - 1) != 0
        || pages <= 0
        || Long.compareUnsigned((gpa >>> 12) + pages, gpa >>> 12) <= 0) {
      return answer(HYPERCALL_EINVAL);
    }
    mapExit(gpa, pages, regs.r13);
    pending = Pending.HYPERCALL;
    return TO_USER;
  }
}
