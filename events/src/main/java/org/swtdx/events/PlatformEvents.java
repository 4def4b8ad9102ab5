package org.swtdx.events;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what happened on one platform, by kind and name. Thread-safe and cheap. */
public final class PlatformEvents {
  /** What is counted. */
  public enum Kind {
    /** SEAMCALLs, named by leaf, for example {@code TDH.MEM.PAGE.AUG}. */
    SEAMCALL,
    /** TDCALLs, named by leaf, for example {@code TDG.MEM.PAGE.ACCEPT}. */
    TDCALL,
    /** TDG.VP.VMCALL sub-functions, named as GHCI names them. */
    TDVMCALL,
    /** VM exits (TD exits for a TD), named by the SDM's basic exit reason. */
    EXIT,
    /** KVM exits to user space, named as in the uABI, for example {@code KVM_EXIT_IO}. */
    KVM_EXIT,
    /** Everything else with a number: pages, instructions, faults. */
    COUNT
  }

  private final Map<Kind, ConcurrentHashMap<String, LongAdder>> counters;

  /** Extensions kept at most, so that a guest that extends for ever costs no memory for ever. */
  public static final int MOST_EXTENSIONS = 4096;

  private final ConcurrentHashMap<String, String> facts = new ConcurrentHashMap<>();

  private final List<Extension> extensions = new ArrayList<>();

  /**
   * One extension of a run-time measurement register.
   *
   * @param register 0 to 3
   * @param digest the 48 bytes it was extended with, in hexadecimal
   */
  public record Extension(int register, String digest) {}

  /** Creates an empty set of counters. */
  public PlatformEvents() {
    counters = new java.util.EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      counters.put(kind, new ConcurrentHashMap<>());
    }
  }

  /**
   * Returns the counter of {@code name}; keep the reference where events are frequent.
   *
   * @param kind what is counted
   * @param name the field's own name for it
   */
  public LongAdder counter(Kind kind, String name) {
    return java.util.Objects.requireNonNull(counters.get(kind))
        .computeIfAbsent(name, _ -> new LongAdder());
  }

  /** Adds one to a counter. */
  public void count(Kind kind, String name) {
    counter(kind, name).increment();
  }

  /** Returns the non-zero counters of a kind, ordered by name. */
  public Map<String, Long> snapshot(Kind kind) {
    TreeMap<String, Long> result = new TreeMap<>();
    java.util.Objects.requireNonNull(counters.get(kind))
        .forEach(
            (name, adder) -> {
              long sum = adder.sum();
              if (sum != 0) {
                result.put(name, sum);
              }
            });
    return result;
  }

  /**
   * States something about the run that is public, for example the value of a measurement register;
   * a later statement of the same name replaces it.
   *
   * @param name what it is, in the documents' words: {@code MRTD}, {@code RTMR0}
   * @param value its value as text, digests in hexadecimal
   */
  public void state(String name, String value) {
    facts.put(name, value);
  }

  /** Returns what was stated, ordered by name. */
  public Map<String, String> statements() {
    return new TreeMap<>(facts);
  }

  /**
   * Records that a TD extended a run-time measurement register; only the first {@link
   * #MOST_EXTENSIONS} are kept.
   *
   * @param register 0 to 3
   * @param digest the 48 bytes it was extended with
   */
  public void extended(int register, byte[] digest) {
    synchronized (extensions) {
      if (extensions.size() < MOST_EXTENSIONS) {
        extensions.add(new Extension(register, HexFormat.of().formatHex(digest)));
      }
    }
  }

  /** Returns the extensions of all registers, in the order in which they happened. */
  public List<Extension> extensions() {
    synchronized (extensions) {
      return List.copyOf(extensions);
    }
  }
}
