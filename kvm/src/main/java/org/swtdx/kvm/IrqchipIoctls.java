package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENOTTY;
import static org.swtdx.kvm.uapi.Errno.ENXIO;

import java.lang.foreign.MemorySegment;
import java.util.function.ToIntFunction;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmIrqLevel;
import org.swtdx.kvm.uapi.KvmIrqRouting;
import org.swtdx.kvm.uapi.KvmIrqchip;
import org.swtdx.kvm.uapi.KvmIrqfd;
import org.swtdx.kvm.uapi.KvmMsi;
import org.swtdx.kvm.uapi.KvmPitConfig;
import org.swtdx.kvm.uapi.KvmPitState2;
import org.swtdx.kvm.uapi.KvmReinjectControl;

/** The ioctls of a VM's file that concern interrupts and their controllers. */
final class IrqchipIoctls {
  private static final int PIT_STATE_BYTES = 72; // kvm_pit_state: the channels of kvm_pit_state2

  private final Vm vm;

  IrqchipIoctls(Vm vm) {
    this.vm = vm;
  }

  int call(int number, Argument arg) {
    return switch (number) {
      case KvmIoctl.SIGNAL_MSI ->
          arg.in(new KvmMsi(), m -> vm.hasIrqchip() ? vm.routes.signal(m) : -EINVAL);
      case KvmIoctl.SET_GSI_ROUTING -> setGsiRouting(arg);
      case KvmIoctl.IRQ_LINE -> arg.in(new KvmIrqLevel(), this::irqLine);
      case KvmIoctl.IRQ_LINE_STATUS -> arg.inOut(new KvmIrqLevel(), this::irqLine);
      case KvmIoctl.IRQFD -> arg.in(new KvmIrqfd(), vm.irqFds::set);
      case KvmIoctl.CREATE_IRQCHIP -> vm.createIrqchip();
      case KvmIoctl.GET_IRQCHIP ->
          arg.inOut(new KvmIrqchip(), c -> chip(irqchip -> irqchip.get(c)));
      case KvmIoctl.SET_IRQCHIP -> arg.in(new KvmIrqchip(), c -> chip(irqchip -> irqchip.set(c)));
      default -> timer(number, arg);
    };
  }

  private int timer(int number, Argument arg) {
    return switch (number) {
      case KvmIoctl.CREATE_PIT -> vm.createPit();
      case KvmIoctl.CREATE_PIT2 -> arg.in(new KvmPitConfig(), _ -> vm.createPit());
      case KvmIoctl.GET_PIT2 ->
          arg.out(new KvmPitState2(), state -> pit(irqchip -> irqchip.getPit(state)));
      case KvmIoctl.SET_PIT2 ->
          arg.in(new KvmPitState2(), state -> pit(irqchip -> irqchip.setPit(state)));
      case KvmIoctl.GET_PIT -> getPit(arg);
      case KvmIoctl.SET_PIT -> setPit(arg);
      case KvmIoctl.REINJECT_CONTROL -> arg.in(new KvmReinjectControl(), _ -> pit(_ -> 0));
      default -> -ENOTTY;
    };
  }

  private int setGsiRouting(Argument arg) {
    KvmIrqRouting header = new KvmIrqRouting(0);
    if (!arg.load(header)) {
      return -EFAULT;
    }
    if (!vm.hasIrqchip()
        || Integer.compareUnsigned(header.nr(), IrqRoutes.MAX_ROUTES) > 0
        || header.flags() != 0) {
      return -EINVAL;
    }
    return arg.in(new KvmIrqRouting(header.nr()), vm.routes::set);
  }

  /** Drives a GSI; the status replaces its number. */
  private int irqLine(KvmIrqLevel level) {
    if (!vm.hasIrqchip()) {
      return -ENXIO;
    }
    level.irq(vm.routes.drive(IrqRoutes.SOURCE_USER, level.irq(), level.level() != 0));
    return 0;
  }

  private int chip(ToIntFunction<Irqchip> action) {
    Irqchip irqchip = vm.irqchip();
    return irqchip == null ? -ENXIO : action.applyAsInt(irqchip);
  }

  private int pit(ToIntFunction<Irqchip> action) {
    return chip(irqchip -> irqchip.hasPit() ? action.applyAsInt(irqchip) : -ENXIO);
  }

  private int getPit(Argument arg) {
    KvmPitState2 state = new KvmPitState2();
    int result = pit(irqchip -> irqchip.getPit(state));
    return result < 0 || arg.store(state, PIT_STATE_BYTES) ? result : -EFAULT;
  }

  private int setPit(Argument arg) {
    byte[] channels = new byte[PIT_STATE_BYTES];
    if (!arg.load(channels)) {
      return -EFAULT;
    }
    KvmPitState2 state = new KvmPitState2();
    MemorySegment.copy(MemorySegment.ofArray(channels), 0, state.segment(), 0, PIT_STATE_BYTES);
    return pit(irqchip -> irqchip.setPit(state));
  }
}
