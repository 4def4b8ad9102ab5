package org.swtdx.exec;

import java.util.List;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.kvm.KvmHost;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;

/** A host with KVM: two logical processors, 4 GiB. */
final class TestHost implements AutoCloseable {
  private static final long TSC_HZ = 2_000_000_000L;

  private final PhysicalMemory memory =
      PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), 4L << 30)));
  private final KvmHost kvm =
      KvmHost.start(new Platform(memory, Environment.system(TSC_HZ), new PlatformEvents(), 1, 2));

  KvmHost kvm() {
    return kvm;
  }

  @Override
  public void close() {
    memory.close();
  }
}
