package org.swtdx.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.seamcall.port.SeamPort;
import org.swtdx.seamcall.port.SeamRegisters;

/**
 * Many private pages of 4 KiB at once, by ioctl: conversion to shared memory and back, and the end
 * of the TD that has them. The floor is one SEAMCALL for each page that only reads its metadata,
 * TDH.PHYMEM.PAGE.RDMD.
 */
@Floor("metadataOfEachPage")
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2)
@Measurement(iterations = 4)
public class PrivateMemory {
  private static final int READ_METADATA = 24;
  private static final long GIB = 1L << 30;
  private static final long MIB = 1 << 20;

  /** How much memory; the figures are of 1024 and 4096. */
  @Param("64")
  public int mebibytes;

  private KvmRig rig;
  private KvmRig.Td td;
  private SeamPort module;
  private boolean ended;
  private final SeamRegisters regs = new SeamRegisters();

  private long bytes() {
    return mebibytes * MIB;
  }

  /** A TD with all its pages mapped. */
  @Setup(Level.Iteration)
  public void setUp() {
    rig =
        new KvmRig(
            bytes() / GIB * GIB + 2 * GIB,
            port -> {
              module = port;
              return port;
            });
    td = rig.td(bytes(), false);
    td.preFault(KvmRig.RAM_GPA, bytes());
    ended = false;
  }

  @Benchmark
  public long metadataOfEachPage() {
    long sum = 0;
    for (long at = 0; at < bytes(); at += 4096) {
      regs.rax = READ_METADATA;
      regs.rcx = GIB + at;
      module.seamcall(rig.platform.processors().getFirst(), regs);
      sum += regs.rcx;
    }
    return sum;
  }

  @Benchmark
  public void convertToShared() {
    td.convert(KvmRig.RAM_GPA, bytes(), 0);
  }

  @Benchmark
  public void convertBothWays() {
    td.convert(KvmRig.RAM_GPA, bytes(), 0);
    td.convert(KvmRig.RAM_GPA, bytes(), KvmMemoryAttributes.PRIVATE);
    td.preFault(KvmRig.RAM_GPA, bytes());
  }

  @Benchmark
  public void teardown() {
    rig.process.exit();
    ended = true;
  }

  /** Ends the TD unless that was measured. */
  @TearDown(Level.Iteration)
  public void tearDown() {
    if (!ended) {
      rig.process.exit();
    }
    rig.closeHost();
  }
}
