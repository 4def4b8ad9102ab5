package org.swtdx.cpu;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.cpu.seam.ReportKey;
import org.swtdx.events.PlatformEvents;
import org.swtdx.memory.PhysicalMemory;

/**
 * One machine: physical memory, packages of logical processors, time and entropy, and the event
 * counters of the run.
 */
public final class Platform {
  static {
    ReportKey.bind(platform -> platform.reportKey);
  }

  private final PhysicalMemory memory;
  private final Environment environment;
  private final PlatformEvents events;
  private final List<LogicalProcessor> processors;
  private final java.util.concurrent.atomic.AtomicInteger eptGeneration =
      new java.util.concurrent.atomic.AtomicInteger();
  private final ReportKey reportKey;
  private final ReportMac reportMac;

  /**
   * Assembles a machine.
   *
   * @param memory its physical memory
   * @param environment its time and entropy
   * @param events where its layers count
   * @param packages number of physical packages, at least 1
   * @param processorsPerPackage logical processors in each, at least 1
   */
  public Platform(
      PhysicalMemory memory,
      Environment environment,
      PlatformEvents events,
      int packages,
      int processorsPerPackage) {
    this(memory, environment, events, packages, processorsPerPackage, new ReportKey(environment));
  }

  /**
   * Assembles a machine whose processors authenticate reports with a secret that outlives it.
   *
   * @param memory its physical memory
   * @param environment its time and entropy
   * @param events where its layers count
   * @param packages number of physical packages, at least 1
   * @param processorsPerPackage logical processors in each, at least 1
   * @param reportSecret the secret, 32 bytes
   */
  public Platform(
      PhysicalMemory memory,
      Environment environment,
      PlatformEvents events,
      int packages,
      int processorsPerPackage,
      byte[] reportSecret) {
    this(memory, environment, events, packages, processorsPerPackage, new ReportKey(reportSecret));
  }

  private Platform(
      PhysicalMemory memory,
      Environment environment,
      PlatformEvents events,
      int packages,
      int processorsPerPackage,
      ReportKey reportKey) {
    this.memory = memory;
    this.environment = environment;
    this.events = events;
    this.reportKey = reportKey;
    reportMac = new ReportMac(reportKey);
    List<LogicalProcessor> list = new ArrayList<>();
    for (int i = 0; i < packages * processorsPerPackage; i++) {
      list.add(new LogicalProcessor(i, i / processorsPerPackage));
    }
    processors = List.copyOf(list);
  }

  /** The machine's physical memory. */
  public PhysicalMemory memory() {
    return memory;
  }

  /** The machine's time and entropy. */
  public Environment environment() {
    return environment;
  }

  /** The machine's event counters. */
  public PlatformEvents events() {
    return events;
  }

  /** Verification of reports made on this machine. */
  public ReportMac reportMac() {
    return reportMac;
  }

  /** All logical processors, by index. */
  public List<LogicalProcessor> processors() {
    return processors;
  }

  /** Number of physical packages. */
  public int packages() {
    return processors.getLast().packageId() + 1;
  }

  /**
   * INVEPT, all contexts, on every logical processor: no guest processor uses a second-level
   * translation cached before this call in any entry that begins after it. The caller makes running
   * guests exit first. Private translations of a TD are the TDX module's to invalidate.
   */
  public void invalidateEpt() {
    eptGeneration.incrementAndGet();
  }

  /** Counts {@link #invalidateEpt} calls; a guest processor compares it at each entry. */
  public int eptGeneration() {
    return eptGeneration.get();
  }
}
