package org.swtdx.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.swtdx.kvm.KvmVcpu;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmRegs;

/**
 * Ioctls by descriptor that do next to nothing: one with a value, on /dev/kvm and on a VM, one that
 * copies a structure, and a KVM_RUN that ends at once. The floor is finding the file.
 */
@Floor("findingTheFile")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class EmptyIoctl {
  private static final long HOST = 1L << 30;

  private KvmRig rig;
  private KvmVcpu vcpu;
  private int system;
  private int immediate;
  private long structure;

  /** Opens the files. */
  @Setup
  public void setUp() {
    rig = new KvmRig(HOST);
    vcpu = rig.ordinary();
    immediate = rig.ordinary().fd();
    rig.process.vcpu(immediate).orElseThrow().kvmRun().immediateExit(1);
    system = rig.process.openKvm().fd();
    structure = rig.process.memory().mmap(KvmRegs.SIZE);
  }

  @Benchmark
  public Object findingTheFile() {
    return java.util.Objects.requireNonNull(rig.process.file(system));
  }

  @Benchmark
  public int apiVersion() {
    return rig.process.ioctl(system, KvmIoctl.GET_API_VERSION, 0);
  }

  @Benchmark
  public int getRegs() {
    return rig.process.ioctl(vcpu.fd(), KvmIoctl.GET_REGS, structure);
  }

  @Benchmark
  public int runThatEndsAtOnce() {
    return rig.process.ioctl(immediate, KvmIoctl.RUN, 0);
  }

  @TearDown
  public void tearDown() {
    rig.close();
  }
}
