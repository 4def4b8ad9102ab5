package org.swtdx.kvm;

import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.Struct;

/** What a typed client calls: a file, under the descriptor that a process has for it. */
record ClientFile(VmmProcess process, KvmFile file, int fd) {
  /** An ioctl whose argument is a value. */
  int call(int number, long value) {
    return file.ioctl(process, number, value);
  }

  /** An ioctl whose argument is a structure outside of the process's memory. */
  int call(int number, Struct struct) {
    return file.ioctl(process, number, Argument.of(process.memory(), struct, null));
  }

  /** KVM_MEMORY_ENCRYPT_OP: {@code data}, if there is one, is what {@code cmd} points to. */
  int call(int number, org.swtdx.kvm.uapi.KvmTdxCmd cmd, @Nullable Struct data) {
    if (data != null) {
      cmd.data(Argument.SECOND);
    }
    return file.ioctl(process, number, Argument.of(process.memory(), cmd, data));
  }
}
