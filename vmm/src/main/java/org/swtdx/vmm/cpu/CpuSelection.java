package org.swtdx.vmm.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The processor that a user wants: a named model, or everything that there is, with features added
 * and taken away.
 *
 * @param model the named model; empty for {@code max}, all that KVM supports
 * @param added features wanted besides
 * @param removed features not wanted
 * @param enforce whether a feature of the model that is not there ends the launch
 */
public record CpuSelection(
    Optional<CpuModel> model, Set<CpuFeature> added, Set<CpuFeature> removed, boolean enforce) {
  /** Everything that KVM supports. */
  public static final CpuSelection MAX =
      new CpuSelection(Optional.empty(), Set.of(), Set.of(), false);

  /** The default of ordinary VMs. */
  public static final CpuSelection DEFAULT =
      new CpuSelection(Optional.of(CpuModel.SAPPHIRE_RAPIDS), Set.of(), Set.of(), false);

  private static final List<String> ALL = List.of("max", "host");

  /** Copies the sets. */
  public CpuSelection {
    added = Collections.unmodifiableSet(copy(added));
    removed = Collections.unmodifiableSet(copy(removed));
  }

  private static EnumSet<CpuFeature> copy(Set<CpuFeature> set) {
    EnumSet<CpuFeature> result = EnumSet.noneOf(CpuFeature.class);
    result.addAll(set);
    return result;
  }

  /**
   * Reads {@code MODEL[,+FEATURE][,-FEATURE][,FEATURE=on|off][,enforce]}.
   *
   * @throws IllegalArgumentException for an unknown name, with what is known
   */
  public static CpuSelection parse(String text) {
    List<String> parts = new ArrayList<>(Arrays.asList(text.split(",", -1)));
    String name = parts.removeFirst();
    Optional<CpuModel> model = CpuModel.find(name);
    if (model.isEmpty() && !ALL.contains(name.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(
          "unknown CPU model '" + name + "', known are " + String.join(", ", names()));
    }
    EnumSet<CpuFeature> added = EnumSet.noneOf(CpuFeature.class);
    EnumSet<CpuFeature> removed = EnumSet.noneOf(CpuFeature.class);
    boolean enforce = false;
    for (String part : parts) {
      String lower = part.toLowerCase(Locale.ROOT);
      if (lower.equals("enforce")) {
        enforce = true;
        continue;
      }
      boolean off = lower.startsWith("-") || lower.endsWith("=off");
      CpuFeature feature = feature(part);
      (off ? removed : added).add(feature);
      (off ? added : removed).remove(feature);
    }
    return new CpuSelection(model, added, removed, enforce);
  }

  private static CpuFeature feature(String part) {
    String name =
        part.startsWith("+") || part.startsWith("-")
            ? part.substring(1)
            : part.replaceFirst("(?i)=(on|off)$", "");
    if (name.equals(part)) {
      throw new IllegalArgumentException(
          "CPU feature '" + part + "': write +" + part + ", -" + part + " or " + part + "=on|off");
    }
    return CpuFeature.find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown CPU feature '" + name + "'; --cpu help lists them"));
  }

  /** The names of all models. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(CpuModel.ALL.stream().map(CpuModel::label).toList());
    names.addAll(ALL);
    return names;
  }

  /**
   * What of {@code supported} the guest gets.
   *
   * @param supported what KVM supports
   */
  public Set<CpuFeature> features(Set<CpuFeature> supported) {
    EnumSet<CpuFeature> result = copy(supported);
    model.ifPresent(
        m -> {
          result.retainAll(m.features());
          KEPT.stream().filter(supported::contains).forEach(result::add);
        });
    added.stream().filter(supported::contains).forEach(result::add);
    removed.forEach(feature -> remove(result, feature));
    return result;
  }

  /** What every model gets: how this machine is, not what the processor can. */
  private static final Set<CpuFeature> KEPT =
      EnumSet.of(
          CpuFeature.HYPERVISOR,
          CpuFeature.X2APIC,
          CpuFeature.HT,
          CpuFeature.FDP_EXCPTN_ONLY,
          CpuFeature.ZERO_FCS_FDS);

  private static void remove(Set<CpuFeature> set, CpuFeature feature) {
    set.remove(feature);
    feature.dependents().forEach(dependent -> remove(set, dependent));
  }

  /** Features of the model, as chosen, that {@code supported} lacks. */
  public List<CpuFeature> missing(Set<CpuFeature> supported) {
    EnumSet<CpuFeature> wanted = copy(added);
    model.ifPresent(m -> wanted.addAll(m.features()));
    wanted.removeAll(removed);
    wanted.removeAll(supported);
    return List.copyOf(wanted);
  }

  /** Features asked for by name that {@code supported} lacks. */
  public List<CpuFeature> refused(Set<CpuFeature> supported) {
    return enforce
        ? missing(supported)
        : added.stream().filter(feature -> !supported.contains(feature)).toList();
  }
}
