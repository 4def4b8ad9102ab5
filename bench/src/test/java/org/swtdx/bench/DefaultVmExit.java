package org.swtdx.bench;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.swtdx.cpu.EptWalker;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Processor;
import org.swtdx.kvm.KvmVcpu;
import org.swtdx.memory.HostView;
import org.swtdx.memory.Hpa;

/**
 * KVM_RUN of an ordinary vCPU from one OUT that leaves to user space to the next, on a host where
 * TDX is not enabled, enabled without a TD, and enabled with a TD that runs on the other processor.
 * The floor is the processor alone: an entry, two instructions and the exit, without KVM.
 */
@Floor("processorAlone")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
public class DefaultVmExit {
  private static final long HOST = 1L << 30;
  private static final long RAM = 1 << 20;
  private static final long ENTRY = 0x37; // readable, writable, executable, write-back

  /** The state of TDX. */
  @Param({"disabled", "unused", "used"})
  public String tdx;

  private KvmRig rig;
  private KvmVcpu vcpu;
  private Processor processor;
  private LogicalProcessor lp;
  private volatile boolean stop;
  private @Nullable Thread td;

  /** Starts the guests. */
  @Setup
  public void setUp() {
    rig = tdx.equals("disabled") ? KvmRig.withoutTdx(HOST) : new KvmRig(HOST);
    vcpu = rig.ordinary();
    KvmRig.runToOut(vcpu);
    processorAlone(rig);
    if (tdx.equals("used")) {
      KvmRig.Td other = rig.td(RAM, false);
      td = new Thread(() -> runUntilStopped(other.vcpu()), "td");
      td.start();
    }
  }

  private void runUntilStopped(KvmVcpu other) {
    while (!stop) {
      KvmRig.runToOut(other);
    }
  }

  /** A processor with the same guest in memory of its own. */
  private void processorAlone(KvmRig of) {
    HostView host = of.platform.memory().host();
    Hpa[] frames = new Hpa[5];
    for (int i = 0; i < frames.length; i++) {
      frames[i] = of.platform.memory().frames().allocate().orElseThrow();
      host.zero(frames[i], 4096);
    }
    host.write64(frames[0], frames[1].value() | ENTRY);
    host.write64(new Hpa(frames[1].value() + 3 * 8), frames[2].value() | ENTRY);
    host.write64(new Hpa(frames[2].value() + 511 * 8), frames[3].value() | ENTRY);
    host.write64(new Hpa(frames[3].value() + 511 * 8), frames[4].value() | ENTRY);
    byte[] loop = {(byte) 0xe6, (byte) 0x80, (byte) 0xeb, (byte) 0xfc};
    host.write(new Hpa(frames[4].value() + 0xff0), loop, 0, loop.length);
    EptWalker ept = new EptWalker(of.platform.memory(), frames[0].value(), 4);
    processor = new Processor(of.platform, ept);
    lp = of.platform.processors().getFirst();
  }

  @Benchmark
  public long processorAlone() {
    processor.run(lp);
    processor.skipInstruction();
    return processor.exit().qualification;
  }

  @Benchmark
  public int runToOut() {
    return vcpu.run();
  }

  /** Stops the TD. */
  @TearDown
  public void tearDown() throws InterruptedException {
    stop = true;
    Thread other = td;
    if (other != null) {
      other.join();
    }
    processor.close();
    rig.close();
  }
}
