package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EAGAIN;
import static org.swtdx.kvm.uapi.Errno.EBADF;
import static org.swtdx.kvm.uapi.Errno.EBUSY;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.KvmIrqfd;

/** Eventfds that raise GSIs: KVM_IRQFD. */
final class IrqFds {
  private static final int LOOKS = 10;

  private final Vm vm;
  private final List<Binding> bindings = new ArrayList<>();

  private record Binding(EventFd eventFd, int gsi, @Nullable EventFd resample, Runnable stop) {}

  IrqFds(Vm vm) {
    this.vm = vm;
  }

  /** KVM_IRQFD. */
  int set(KvmIrqfd request) {
    if ((request.flags() & ~(KvmIrqfd.DEASSIGN | KvmIrqfd.RESAMPLE)) != 0) {
      return -EINVAL;
    }
    boolean deassign = (request.flags() & KvmIrqfd.DEASSIGN) != 0;
    boolean level = (request.flags() & KvmIrqfd.RESAMPLE) != 0;
    if (!deassign && !vm.hasIrqchip()) {
      return -EAGAIN;
    }
    if (!deassign && level && vm.irqchip() == null) {
      return -EINVAL;
    }
    int[] error = new int[1];
    EventFd eventFd = find(request.fd(), error);
    if (eventFd == null) {
      return error[0];
    }
    int gsi = request.gsi();
    if (deassign) {
      remove(eventFd, gsi);
      return 0;
    }
    EventFd resample = level ? find(request.resamplefd(), error) : null;
    if (level && resample == null) {
      return error[0];
    }
    synchronized (bindings) {
      Runnable stop = eventFd.listen(() -> fire(gsi, level));
      if (stop == null) {
        return -EBUSY;
      }
      bindings.add(new Binding(eventFd, gsi, resample, stop));
      return 0;
    }
  }

  private void fire(int gsi, boolean level) {
    if (level) {
      vm.routes.drive(IrqRoutes.SOURCE_RESAMPLE, gsi, true);
    } else {
      vm.routes.drive(IrqRoutes.SOURCE_EVENTFD, gsi, true);
      vm.routes.drive(IrqRoutes.SOURCE_EVENTFD, gsi, false);
    }
  }

  /**
   * The eventfd behind a descriptor, or null with an error. Another thread may close it and make a
   * new one by its number while we look; what is open and no eventfd stays so.
   */
  private @Nullable EventFd find(int fd, int[] error) {
    for (int i = 0; i < LOOKS; i++) {
      EventFd found = vm.process().eventFd(fd);
      if (found != null) {
        return found;
      }
      if (!vm.process().isOpen(fd)) {
        error[0] = -EBADF;
        return null;
      }
    }
    error[0] = -EINVAL;
    return null;
  }

  private void remove(EventFd eventFd, int gsi) {
    synchronized (bindings) {
      bindings.removeIf(
          binding -> {
            boolean match = binding.eventFd == eventFd && binding.gsi == gsi;
            if (match) {
              binding.stop.run();
            }
            return match;
          });
    }
  }

  /** A level-triggered GSI was acknowledged: whoever raised it learns it. */
  void acknowledged(int gsi) {
    List<EventFd> targets = new ArrayList<>();
    synchronized (bindings) {
      for (Binding binding : bindings) {
        if (binding.gsi == gsi && binding.resample != null) {
          targets.add(binding.resample);
        }
      }
    }
    if (!targets.isEmpty()) {
      vm.routes.drive(IrqRoutes.SOURCE_RESAMPLE, gsi, false);
      targets.forEach(EventFd::signal);
    }
  }

  /** Lets go of all eventfds; the VM ends. */
  void close() {
    synchronized (bindings) {
      bindings.forEach(binding -> binding.stop.run());
      bindings.clear();
    }
  }
}
