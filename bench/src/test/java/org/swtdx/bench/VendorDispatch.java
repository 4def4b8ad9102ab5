package org.swtdx.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The two ways to find a vendor's code, by themselves: a switch over a sealed type, and a table of
 * operations that each VM carries. An exit passes seven such places, so each call here does. The
 * floor is the same code of one vendor, called directly.
 */
@Floor("oneVendor")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
public class VendorDispatch {
  private static final int VCPUS = 64;

  /** How many of 64 vCPUs are of TDs. */
  @Param({"0", "8"})
  public int trustDomains;

  /** What an operation works on. */
  private sealed interface Vcpu permits Vmx, Tdx {}

  private static final class Vmx implements Vcpu {
    long state = 1;
    final Operations operations = Operations.VMX;
  }

  private static final class Tdx implements Vcpu {
    long state = 1;
    final Operations operations = Operations.TDX;
  }

  /** An entry of a table. */
  private interface Operation {
    long on(Vcpu vcpu);
  }

  /** A table as a VM would carry it. */
  private record Operations(
      Operation load,
      Operation prepare,
      Operation enter,
      Operation handle,
      Operation inject,
      Operation save,
      Operation put) {
    static final Operations VMX =
        new Operations(
            v -> vmx((Vmx) v, 1),
            v -> vmx((Vmx) v, 2),
            v -> vmx((Vmx) v, 3),
            v -> vmx((Vmx) v, 4),
            v -> vmx((Vmx) v, 5),
            v -> vmx((Vmx) v, 6),
            v -> vmx((Vmx) v, 7));
    static final Operations TDX =
        new Operations(
            v -> tdx((Tdx) v, 1),
            v -> tdx((Tdx) v, 2),
            v -> tdx((Tdx) v, 3),
            v -> tdx((Tdx) v, 4),
            v -> tdx((Tdx) v, 5),
            v -> tdx((Tdx) v, 6),
            v -> tdx((Tdx) v, 7));
  }

  private static long vmx(Vmx vcpu, int step) {
    vcpu.state = vcpu.state * 31 + step;
    return vcpu.state;
  }

  private static long tdx(Tdx vcpu, int step) {
    vcpu.state = vcpu.state * 33 ^ step;
    return vcpu.state;
  }

  private final Vcpu[] vcpus = new Vcpu[VCPUS];
  private final Operations[] tables = new Operations[VCPUS];
  private final Vmx[] plain = new Vmx[VCPUS];

  /** Makes the vCPUs; those of TDs are spread. */
  @Setup
  public void setUp() {
    for (int i = 0; i < VCPUS; i++) {
      plain[i] = new Vmx();
      boolean td = trustDomains != 0 && i % (VCPUS / trustDomains) == 0;
      vcpus[i] = td ? new Tdx() : new Vmx();
      tables[i] =
          switch (vcpus[i]) {
            case Vmx v -> v.operations;
            case Tdx t -> t.operations;
          };
    }
  }

  private static long sealed(Vcpu vcpu, int step) {
    return switch (vcpu) {
      case Vmx v -> vmx(v, step);
      case Tdx t -> tdx(t, step);
    };
  }

  @Benchmark
  @OperationsPerInvocation(VCPUS)
  public long oneVendor() {
    long sum = 0;
    for (Vmx v : plain) {
      for (int step = 1; step <= 7; step++) {
        sum += vmx(v, step);
      }
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(VCPUS)
  public long sealedTypes() {
    long sum = 0;
    for (Vcpu v : vcpus) {
      for (int step = 1; step <= 7; step++) {
        sum += sealed(v, step);
      }
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(VCPUS)
  public long operationTables() {
    long sum = 0;
    for (int i = 0; i < VCPUS; i++) {
      Operations t = tables[i];
      Vcpu v = vcpus[i];
      sum += t.load.on(v) + t.prepare.on(v) + t.enter.on(v) + t.handle.on(v);
      sum += t.inject.on(v) + t.save.on(v) + t.put.on(v);
    }
    return sum;
  }
}
