package org.swtdx.vmm.launch;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.KvmVcpu;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.vmm.LaunchListener;
import org.swtdx.vmm.Outcome;
import org.swtdx.vmm.bus.SystemBus;
import org.swtdx.vmm.machine.Machine;

/** The thread of one vCPU: KVM_RUN and what to do at each exit, until the run has ended. */
final class VcpuLoop implements Runnable {
  private static final int PAGE = 4096;
  private static final long TWO_MIB = 1 << 21;

  /** What all vCPUs share. */
  record Shared(
      Machine machine,
      GuestRam ram,
      Interrupts interrupts,
      @Nullable QuoteRequests quotes,
      @Nullable TdBuilder td,
      LaunchListener listener,
      Supplier<List<String>> kernelLog,
      BooleanSupplier ended,
      Consumer<Outcome> end) {}

  private final int index;
  private final KvmVcpu vcpu;
  private final KvmRun run;
  private final Shared shared;
  private final SystemBus bus;

  VcpuLoop(int index, KvmVcpu vcpu, Shared shared) {
    this.index = index;
    this.vcpu = vcpu;
    this.shared = shared;
    run = vcpu.kvmRun();
    bus = shared.machine().bus();
  }

  @Override
  public void run() {
    try {
      while (!shared.ended().getAsBoolean()) {
        shared.interrupts().beforeRun(vcpu, bus);
        int result = vcpu.run();
        if (result >= 0) {
          handleExit();
        } else if (result != -Errno.EINTR && result != -Errno.EAGAIN) {
          handleError(result);
        }
      }
    } catch (RuntimeException | Error e) {
      System.getLogger(VcpuLoop.class.getName())
          .log(System.Logger.Level.ERROR, "vCPU " + index + " stopped", e);
      end(new Outcome.KvmFailure(index, "internal failure, " + e));
    }
  }

  private void end(Outcome outcome) {
    shared.end().accept(outcome);
  }

  private void handleError(int result) {
    if (result == -Errno.EFAULT && run.exitReason() == KvmExit.MEMORY_FAULT) {
      handleMemoryFault();
    } else if (result == -Errno.EIO) {
      end(new Outcome.VmDead(index, "KVM_RUN failed: EIO, " + deathReason()));
    } else {
      end(new Outcome.KvmFailure(index, "KVM_RUN failed: " + Errno.name(result)));
    }
  }

  /** KVM names the reason in its log only. */
  private String deathReason() {
    List<String> log = shared.kernelLog().get();
    return log.isEmpty() ? "no reason in KVM's log" : log.getLast();
  }

  private void handleExit() {
    switch (run.exitReason()) {
      case KvmExit.IO -> handlePort();
      case KvmExit.MMIO -> handleMmio();
      case KvmExit.HYPERCALL -> run.hypercallRet(handleHypercall());
      case KvmExit.TDX -> handleTdVmCall();
      case KvmExit.SYSTEM_EVENT -> handleSystemEvent();
      case KvmExit.SHUTDOWN -> end(new Outcome.TripleFault(index));
      case KvmExit.IOAPIC_EOI ->
          bus.serialized(() -> shared.machine().interrupts().endOfInterrupt(run.eoiVector()));
      case KvmExit.INTR, KvmExit.IRQ_WINDOW_OPEN -> {} // look at the end flag, then on
      case KvmExit.INTERNAL_ERROR -> end(new Outcome.KvmFailure(index, internalError()));
      case KvmExit.FAIL_ENTRY ->
          end(
              new Outcome.KvmFailure(
                  index,
                  "KVM_EXIT_FAIL_ENTRY, hardware reason 0x"
                      + Long.toHexString(run.hardwareExitReason())));
      default -> end(new Outcome.KvmFailure(index, "unexpected " + KvmExit.name(run.exitReason())));
    }
  }

  private String internalError() {
    StringBuilder text = new StringBuilder("KVM_EXIT_INTERNAL_ERROR ");
    text.append(run.internalSuberror());
    for (int i = 0; i < Math.min(run.internalNdata(), 16); i++) {
      text.append(i == 0 ? ", data 0x" : " 0x").append(Long.toHexString(run.internalData(i)));
    }
    return text.toString();
  }

  private void handlePort() {
    int size = run.ioSize();
    for (int i = 0; i < run.ioCount(); i++) {
      if (run.ioDirection() == KvmRun.IO_IN) {
        int value = bus.readPort(run.ioPort(), size);
        switch (size) {
          case 1 -> run.ioData8(i, value);
          case 2 -> run.ioData16(i, value);
          default -> run.ioData32(i, value);
        }
      } else {
        int value =
            switch (size) {
              case 1 -> run.ioData8(i);
              case 2 -> run.ioData16(i);
              default -> run.ioData32(i);
            };
        bus.writePort(run.ioPort(), size, value);
      }
    }
  }

  private void handleMmio() {
    long address = run.mmioPhysAddr();
    if (run.mmioIsWrite() != 0) {
      bus.writeMemory(address, run.mmioLen(), run.mmioData());
    } else {
      run.mmioData(bus.readMemory(address, run.mmioLen()));
    }
  }

  /** MapGPA; the result is 0 or a positive error number. */
  private long handleHypercall() {
    if (run.hypercallNr() != KvmExit.HC_MAP_GPA_RANGE) {
      return Errno.ENOSYS;
    }
    long gpa = run.hypercallArgs(0);
    long pages = run.hypercallArgs(1);
    boolean toPrivate = (run.hypercallArgs(2) & KvmExit.MAP_GPA_RANGE_ENCRYPTED) != 0;
    boolean sane = gpa % PAGE == 0 && pages > 0 && pages <= TWO_MIB && gpa >= 0;
    if (!sane) {
      return Errno.EINVAL;
    }
    return -convert(gpa, pages * PAGE, toPrivate);
  }

  /** Converts a range; what isn't RAM is shared already and stays so. */
  private int convert(long gpa, long bytes, boolean toPrivate) {
    if (!shared.ram().isRam(gpa, bytes)) {
      return toPrivate ? -Errno.EINVAL : 0;
    }
    int result = shared.ram().convert(gpa, bytes, toPrivate);
    if (result == 0) {
      shared.listener().converted(gpa, bytes / PAGE, toPrivate);
    }
    return result;
  }

  /** An access that doesn't fit the attribute of its page converts the page, as QEMU does. */
  private void handleMemoryFault() {
    boolean isPrivate = (run.memoryFaultFlags() & KvmExit.MEMORY_FAULT_PRIVATE) != 0;
    long gpa = run.memoryFaultGpa();
    boolean possible = shared.td() != null && shared.ram().isRam(gpa, run.memoryFaultSize());
    if (!possible || convert(gpa, run.memoryFaultSize(), isPrivate) < 0) {
      end(new Outcome.MemoryFault(index, gpa, isPrivate));
    }
  }

  private void handleTdVmCall() {
    TdBuilder td = shared.td();
    QuoteRequests quotes = shared.quotes();
    if (td == null || quotes == null) {
      end(new Outcome.KvmFailure(index, "KVM_EXIT_TDX on a VM that is no TD"));
      return;
    }
    long number = run.tdxNr();
    if (number == KvmTdx.TDVMCALL_GET_QUOTE) {
      run.tdxRet(quotes.submit(run.tdxData(0), run.tdxData(1)));
    } else if (number == KvmTdx.TDVMCALL_GET_TD_VM_CALL_INFO && run.tdxData(0) == 1) {
      run.tdxData(1, td.tdVmCallInfoR11()).tdxData(2, td.tdVmCallInfoR12());
      run.tdxData(3, 0).tdxData(4, 0).tdxRet(KvmTdx.STATUS_SUCCESS);
    } else if (number == KvmTdx.TDVMCALL_SETUP_EVENT_NOTIFY_INTERRUPT) {
      long vector = run.tdxData(0);
      boolean valid = vector >= 32 && vector <= 255;
      if (valid) {
        shared.interrupts().setNotification((int) vector, index);
      }
      run.tdxRet(valid ? KvmTdx.STATUS_SUCCESS : KvmTdx.STATUS_INVALID_OPERAND);
    } // anything else keeps the status that KVM has set
  }

  private void handleSystemEvent() {
    switch (run.systemEventType()) {
      case KvmExit.SYSTEM_EVENT_SHUTDOWN -> end(new Outcome.PoweredOff());
      case KvmExit.SYSTEM_EVENT_RESET -> end(new Outcome.Reset("KVM"));
      case KvmExit.SYSTEM_EVENT_TDX_FATAL -> end(FatalReport.decode(run));
      default ->
          end(new Outcome.KvmFailure(index, "KVM_EXIT_SYSTEM_EVENT " + run.systemEventType()));
    }
  }
}
