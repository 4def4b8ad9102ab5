package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EIO;

/** A VM's file. Every ioctl on a dead VM, or of another process, gives -EIO. */
public final class VmFile extends KvmFile {
  private final Vm vm;
  private final VmIoctls ioctls;

  VmFile(Vm vm) {
    this.vm = vm;
    ioctls = new VmIoctls(vm);
  }

  Vm vm() {
    return vm;
  }

  @Override
  int ioctl(UserProcess caller, int number, Argument arg) {
    return vm.refuses(caller) ? -EIO : ioctls.call(number, arg);
  }

  @Override
  public void release() {
    vm.release(true);
  }
}
