package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.seamcall.TdxPlatform;
import org.swtdx.seamcall.port.SeamPort;
import org.swtdx.seamcall.port.SeamProvider;

/**
 * A small machine with the real TDX module and KVM on it. Closing it ends the processes that it
 * made, and expects that frames and KeyIDs were all given back then.
 */
final class TestHost implements AutoCloseable {
  final PhysicalMemory memory;
  final Platform platform;
  final KvmHost host;
  private final List<VmmProcess> processes = new CopyOnWriteArrayList<>();
  private boolean leaking;

  TestHost() {
    this(2, port -> port);
  }

  /**
   * Builds a machine.
   *
   * @param processors number of logical processors
   * @param wrap stands between the host and the module
   */
  TestHost(int processors, UnaryOperator<SeamPort> wrap) {
    this(processors, 4, wrap);
  }

  /** As above, with a number of private KeyIDs, of which the module keeps one. */
  TestHost(int processors, int keyIds, UnaryOperator<SeamPort> wrap) {
    this(1, processors, keyIds, wrap, Set.of());
  }

  /** As above, with several packages of {@code processors} each. */
  TestHost(int packages, int processors, int keyIds, UnaryOperator<SeamPort> wrap) {
    this(packages, processors, keyIds, wrap, Set.of());
  }

  /** Two processors and three KeyIDs for TDs, with extensions. */
  TestHost(UnaryOperator<SeamPort> wrap, Set<KvmExtension> extensions) {
    this(1, 2, 4, wrap, extensions);
  }

  /** A machine with everything chosen. */
  TestHost(
      int packages,
      int processors,
      int keyIds,
      UnaryOperator<SeamPort> wrap,
      Set<KvmExtension> extensions) {
    memory =
        PhysicalMemory.create(
            new PhysicalAddressLayout(52, 6, 31, keyIds), List.of(new Cmr(new Hpa(0), 1L << 30)));
    platform =
        new Platform(
            memory, Environment.system(1_000_000_000L), new PlatformEvents(), packages, processors);
    Optional<SeamProvider> provider = ServiceLoader.load(SeamProvider.class).findFirst();
    SeamPort port = wrap.apply(provider.orElseThrow().load(platform));
    host = KvmHost.start(platform, TdxPlatform.bringUp(platform, port), extensions);
  }

  /** A machine that was built, and KVM on it. */
  TestHost(Platform platform, KvmHost host) {
    memory = platform.memory();
    this.platform = platform;
    this.host = host;
  }

  /** Starts a process, which the test may end, and the machine ends if the test did not. */
  VmmProcess newProcess() {
    VmmProcess process = host.newProcess();
    processes.add(process);
    return process;
  }

  /** Expects that all frames, KeyIDs and room in the heap are given back. */
  void everythingIsGivenBack() {
    assertThat(host.outstandingFrames()).as("frames").isZero();
    assertThat(host.outstandingKeyIds()).as("KeyIDs").isZero();
    assertThat(host.heap().taken()).as("room in the heap").isZero();
  }

  /** Says that this test has the module keep pages, or a KeyID, for good. */
  void leaks() {
    leaking = true;
  }

  /** Touches nothing while a vCPU runs: a failed test that left one behind fails, and no more. */
  @Override
  public void close() {
    assertThat(platform.processors())
        .as("processors")
        .noneMatch(processor -> processor.occupancy().isLocked());
    processes.forEach(VmmProcess::exit);
    if (!leaking) {
      everythingIsGivenBack();
    }
    memory.close();
  }
}
