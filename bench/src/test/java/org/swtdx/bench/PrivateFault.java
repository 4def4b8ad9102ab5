package org.swtdx.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.seamcall.port.SeamPort;
import org.swtdx.seamcall.port.SeamRegisters;

/**
 * A private page of 4 KiB that a TD has not: KVM's part of the fault, and all of it, from the
 * guest's TDG.MEM.PAGE.ACCEPT to the accepted page. With the mirror table as it is, and with a port
 * that does what a KVM without one would have to: it reads the entries of the Secure EPT from the
 * top before it adds a page. The floor is the one SEAMCALL that is always needed.
 */
@Floor("augAlone")
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 12)
@Measurement(iterations = 15)
public class PrivateFault {
  private static final int PAGES = 8192;
  private static final long HOST = 1L << 30;
  private static final int SEPT_ADD = 3, PAGE_AUG = 6, SEPT_READ = 25;
  private static final int TOP_LEVEL = 3;

  /** Where KVM knows from what is mapped. */
  @Param({"mirror", "reading"})
  public String knowing;

  private KvmRig rig;
  private KvmRig.Td td;
  private Rig bare;
  private long from;

  /** SEAMCALLs of the fault path. */
  private long seamcalls;

  private final SeamRegisters own = new SeamRegisters();

  /** SEAMCALLs per fault, times a thousand. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Seamcalls {
    /** Per thousand faults. */
    public long seamcallsPer1000;
  }

  private SeamPort counting(SeamPort port) {
    boolean reading = knowing.equals("reading");
    return (lp, regs) -> {
      int leaf = (int) regs.rax & 0xffff;
      if (leaf == PAGE_AUG || leaf == SEPT_ADD) {
        seamcalls++;
        if (reading && leaf == PAGE_AUG) {
          readPath(port, lp, regs.rcx & -4096, regs.rdx);
        }
      }
      port.seamcall(lp, regs);
    };
  }

  /** Is there a table at each level, and is the entry free? */
  private void readPath(SeamPort port, LogicalProcessor lp, long gpa, long tdr) {
    for (int level = TOP_LEVEL; level >= 0; level--) {
      own.rax = SEPT_READ;
      own.rcx = gpa & -(1L << 12 + 9 * level) | level;
      own.rdx = tdr;
      own.r8 = 0;
      own.r9 = 0;
      port.seamcall(lp, own);
      seamcalls++;
      if (own.rax != 0) {
        throw new IllegalStateException("TDH.MEM.SEPT.RD: 0x" + Long.toHexString(own.rax));
      }
    }
  }

  /** A TD with no page mapped. */
  @Setup(Level.Iteration)
  public void setUp() {
    rig = new KvmRig(HOST, this::counting);
    td = rig.td(PAGES * 4096L, true);
    bare = new Rig();
    bare.build();
    for (int i = 0; i < PAGES; i += 512) {
      bare.tables(KvmRig.RAM_GPA + i * 4096L, 0);
    }
    from = bare.pages(PAGES * 4096L);
    seamcalls = 0;
  }

  @Benchmark
  @OperationsPerInvocation(PAGES)
  public void augAlone() {
    for (int i = 0; i < PAGES; i++) {
      Rig.ok(bare.call(PAGE_AUG, KvmRig.RAM_GPA + i * 4096L, bare.tdr, from + i * 4096L, 0));
    }
  }

  @Benchmark
  @OperationsPerInvocation(PAGES)
  public void ofKvm(Seamcalls count) {
    td.preFault(KvmRig.RAM_GPA, PAGES * 4096L);
    count.seamcallsPer1000 = seamcalls * 1000 / PAGES;
  }

  @Benchmark
  @OperationsPerInvocation(PAGES)
  public void ofGuest() {
    for (int i = 0; i < PAGES; i++) {
      KvmRig.runToOut(td.vcpu());
    }
  }

  @TearDown(Level.Iteration)
  public void tearDown() {
    rig.close();
    bare.close();
  }
}
