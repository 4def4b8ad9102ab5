package org.swtdx.cli;

import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.kvm.KvmExtension;
import org.swtdx.kvm.KvmHost;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;

/** The machine that the command runs on: one package, physical memory, KVM loaded. */
final class HostMachine implements AutoCloseable {
  /** Frequency of the host's invariant TSC. */
  static final long TSC_HZ = 2_000_000_000L;

  private static final long GIB = 1L << 30;

  private final PhysicalMemory memory;
  private final Platform platform;
  private final KvmHost kvm;

  /**
   * Switches a machine on that nobody but itself knows the report key of.
   *
   * @param guestBytes memory of the guest that it is to run
   * @param processors its logical processors
   */
  HostMachine(long guestBytes, int processors) {
    this(guestBytes, processors, Set.of());
  }

  /** As above, with extensions of KVM. */
  HostMachine(long guestBytes, int processors, Set<KvmExtension> extensions) {
    this(guestBytes, processors, randomKey(), extensions);
  }

  /**
   * Switches a machine of this installation on.
   *
   * @param guestBytes memory of the guest that it is to run
   * @param processors its logical processors
   * @param reportKey the secret under which its processors authenticate reports
   * @param extensions what its KVM has beyond Linux
   */
  HostMachine(long guestBytes, int processors, byte[] reportKey, Set<KvmExtension> extensions) {
    // Private and shared backing of every guest page, the PAMT, paging structures, and 1 GiB of the
    // host's own; frames cost nothing until they are touched.
    long size = roundUp(2 * guestBytes + guestBytes / 64 + GIB);
    memory =
        PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), size)));
    platform =
        new Platform(
            memory, Environment.system(TSC_HZ), new PlatformEvents(), 1, processors, reportKey);
    kvm = KvmHost.start(platform, extensions);
  }

  private static byte[] randomKey() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return key;
  }

  private static long roundUp(long bytes) {
    return (bytes + GIB - 1) / GIB * GIB;
  }

  Platform platform() {
    return platform;
  }

  KvmHost kvm() {
    return kvm;
  }

  @Override
  public void close() {
    memory.close();
  }
}
