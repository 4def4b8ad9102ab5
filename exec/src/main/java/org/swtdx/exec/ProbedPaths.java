package org.swtdx.exec;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The paths by which programs find KVM: the device, and the parameters of KVM's modules as a host
 * has them that runs TDs. They appear to exist, whatever the real file system has.
 */
final class ProbedPaths {
  static final String DEVICE = "/dev/kvm";

  private static final String KVM = "/sys/module/kvm";
  private static final String INTEL = "/sys/module/kvm_intel";
  private static final String PARAMETERS = "/parameters";
  private static final Map<String, String> COMMON =
      Map.ofEntries(
          Map.entry("allow_unsafe_mappings", "N"),
          Map.entry("eager_page_split", "Y"),
          Map.entry("enable_pmu", "N"),
          Map.entry("enable_virt_at_load", "Y"),
          Map.entry("enable_vmware_backdoor", "N"),
          Map.entry("flush_on_reuse", "N"),
          Map.entry("force_emulation_prefix", "0"),
          Map.entry("halt_poll_ns", "0"),
          Map.entry("ignore_msrs", "N"),
          Map.entry("lapic_timer_advance", "N"),
          Map.entry("min_timer_period_us", "200"),
          Map.entry("mmio_caching", "Y"),
          Map.entry("nx_huge_pages", "N"),
          Map.entry("pi_inject_timer", "0"),
          Map.entry("report_ignored_msrs", "Y"),
          Map.entry("tdp_mmu", "Y"),
          Map.entry("tsc_tolerance_ppm", "250"),
          Map.entry("vector_hashing", "Y"));
  private static final Map<String, String> VENDOR =
      Map.ofEntries(
          Map.entry("allow_smaller_maxphyaddr", "N"),
          Map.entry("dump_invalid_vmcs", "N"),
          Map.entry("emulate_invalid_guest_state", "Y"),
          Map.entry("enable_apicv", "N"),
          Map.entry("enable_ipiv", "N"),
          Map.entry("ept", "Y"),
          Map.entry("eptad", "Y"),
          Map.entry("flexpriority", "N"),
          Map.entry("nested", "N"),
          Map.entry("pml", "N"),
          Map.entry("preemption_timer", "N"),
          Map.entry("pt_mode", "0"),
          Map.entry("tdx", "Y"),
          Map.entry("unrestricted_guest", "Y"),
          Map.entry("vnmi", "Y"),
          Map.entry("vpid", "Y"));
  private static final Map<String, Folder> FOLDERS =
      Map.of(
          KVM,
          new Folder(KVM, List.of("parameters")),
          INTEL,
          new Folder(INTEL, List.of("parameters")),
          KVM + PARAMETERS,
          folder(KVM + PARAMETERS, COMMON),
          INTEL + PARAMETERS,
          folder(INTEL + PARAMETERS, VENDOR));

  private ProbedPaths() {}

  /** What a path is to a program. */
  sealed interface Found {}

  /** Of KVM's modules, with a place among the files. */
  sealed interface Placed extends Found {
    /** Its absolute path. */
    String path();
  }

  /** The KVM device. */
  record Device() implements Found {}

  /** A folder of a module: the names of what is in it, ascending. */
  record Folder(String path, List<String> names) implements Placed {}

  /** A parameter: the text that reading it gives. */
  record Parameter(String path, String text) implements Placed {}

  /** A parameter that neither module has. */
  record Absent() implements Found {}

  private static Folder folder(String path, Map<String, String> parameters) {
    return new Folder(path, parameters.keySet().stream().sorted().toList());
  }

  /** What an absolute path leads to; empty when it is none of ours. */
  static Optional<Found> find(String path) {
    if (!path.startsWith("/") || !path.contains("kvm")) {
      return Optional.empty();
    }
    String plain = normalized(path);
    if (plain.equals(DEVICE)) {
      return Optional.of(new Device());
    }
    Folder folder = FOLDERS.get(plain);
    if (folder != null) {
      return Optional.of(folder);
    }
    if (plain.startsWith(KVM + PARAMETERS + "/")) {
      return parameter(COMMON, plain);
    }
    return plain.startsWith(INTEL + PARAMETERS + "/") ? parameter(VENDOR, plain) : Optional.empty();
  }

  /** A path without {@code .}, {@code ..} and needless slashes, by its text alone. */
  static String normalized(String path) {
    List<String> names = new ArrayList<>();
    for (String name : path.split("/", -1)) {
      if (name.equals("..")) {
        if (!names.isEmpty()) {
          names.removeLast();
        }
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return "/" + String.join("/", names);
  }

  private static Optional<Found> parameter(Map<String, String> all, String path) {
    String value = all.get(path.substring(path.lastIndexOf('/') + 1));
    return Optional.of(value == null ? new Absent() : new Parameter(path, value + "\n"));
  }
}
