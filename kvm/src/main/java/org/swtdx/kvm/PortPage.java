package org.swtdx.kvm;

import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmRun;

/** The page of a vCPU's file that port accesses pass their data in. */
final class PortPage {
  private PortPage() {}

  /** An element of {@code size} bytes, zero-extended for sizes below 4. */
  static int get(KvmRun run, int size, int index) {
    return switch (size) {
      case 1 -> run.ioData8(index);
      case 2 -> run.ioData16(index);
      default -> run.ioData32(index);
    };
  }

  /** Sets the only element. */
  static void put(KvmRun run, int size, int value) {
    switch (size) {
      case 1 -> run.ioData8(0, value);
      case 2 -> run.ioData16(0, value);
      default -> run.ioData32(0, value);
    }
  }

  /** Leaves to user space for {@code count} elements. */
  static int leave(KvmRun run, int port, int size, boolean read, int count) {
    run.exitReason(KvmExit.IO).ioDirection(read ? KvmRun.IO_IN : KvmRun.IO_OUT);
    run.ioSize(size).ioPort(port).ioCount(count).ioDataOffset(KvmRun.IO_DATA_OFFSET);
    return Vcpu.TO_USER;
  }
}
