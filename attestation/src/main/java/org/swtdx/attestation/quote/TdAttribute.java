package org.swtdx.attestation.quote;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The defined bits of a TD's ATTRIBUTES (TDX Module ABI, "ATTRIBUTES"); all others are reserved.
 */
public enum TdAttribute {
  /** The host can read and change the TD's state. */
  DEBUG(0),
  /** Profiling for Hardware Guided Scheduling; the TD is not to be trusted. */
  HGS_PLUS_PROF(4),
  /** Profiling by performance counters of the host; the TD is not to be trusted. */
  PERF_PROF(5),
  /** Profiling by platform telemetry; the TD is not to be trusted. */
  PMT_PROF(6),
  /** Instruction-count based single-step defence. */
  ICSSD(16),
  /** Linear address space separation. */
  LASS(27),
  /** No #VE for private memory that was taken away. */
  SEPT_VE_DISABLE(28),
  /** A migration TD may move it to another platform. */
  MIGRATABLE(29),
  /** Supervisor protection keys. */
  PKS(30),
  /** Key Locker. */
  KL(31),
  /** TDX Connect provisioning agent. */
  TPA(62),
  /** Performance monitoring. */
  PERFMON(63);

  private final long mask;

  TdAttribute(int bit) {
    this.mask = 1L << bit;
  }

  /** The bit's value. */
  public long mask() {
    return mask;
  }

  /** Returns the attributes set in {@code bits}, lowest first. */
  public static List<TdAttribute> in(long bits) {
    List<TdAttribute> set = new ArrayList<>();
    for (TdAttribute attribute : values()) {
      if ((bits & attribute.mask) != 0) {
        set.add(attribute);
      }
    }
    return List.copyOf(set);
  }

  /** Returns the bits of {@code bits} that are reserved. */
  public static long reserved(long bits) {
    long rest = bits;
    for (TdAttribute attribute : values()) {
      rest &= ~attribute.mask;
    }
    return rest;
  }

  /** Returns the attribute of that name, if there is one. */
  public static Optional<TdAttribute> of(String name) {
    for (TdAttribute attribute : values()) {
      if (attribute.name().equals(name)) {
        return Optional.of(attribute);
      }
    }
    return Optional.empty();
  }
}
