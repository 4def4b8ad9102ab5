package org.swtdx.seamcall;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;

/** Reads {@link SysInfo} field by field; remembers the first field that could not be read. */
final class SysInfoReader {
  private final TdhSys sys;
  private final LogicalProcessor lp;
  private BringUp.@org.jspecify.annotations.Nullable Failed failure;

  SysInfoReader(TdhSys sys, LogicalProcessor lp) {
    this.sys = sys;
    this.lp = lp;
  }

  /** The reason why {@link #read} cannot be relied on, or null. */
  BringUp.@org.jspecify.annotations.Nullable Failed failure() {
    return failure;
  }

  SysInfo read() {
    String version =
        one(SysField.MAJOR_VERSION)
            + "."
            + one(SysField.MINOR_VERSION)
            + "."
            + one(SysField.UPDATE_VERSION);
    return new SysInfo(
        version,
        number(SysField.BUILD_DATE),
        number(SysField.BUILD_NUM),
        one(SysField.TDX_FEATURES0),
        number(SysField.MAX_TDMRS),
        number(SysField.MAX_RESERVED_PER_TDMR),
        List.of(
            number(SysField.PAMT_4K_ENTRY_SIZE),
            number(SysField.PAMT_2M_ENTRY_SIZE),
            number(SysField.PAMT_1G_ENTRY_SIZE)),
        number(SysField.TDCS_BASE_SIZE) / Hpa.PAGE_SIZE,
        number(SysField.TDVPS_BASE_SIZE) / Hpa.PAGE_SIZE,
        one(SysField.ATTRIBUTES_FIXED0),
        one(SysField.ATTRIBUTES_FIXED1),
        one(SysField.XFAM_FIXED0),
        one(SysField.XFAM_FIXED1),
        number(SysField.MAX_VCPUS_PER_TD),
        cpuidConfig(),
        cmrs());
  }

  private List<CpuidConfig> cpuidConfig() {
    int count = number(SysField.NUM_CPUID_CONFIG);
    List<CpuidConfig> result = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long leaf = element(SysField.CPUID_CONFIG_LEAVES, i);
      long low = element(SysField.CPUID_CONFIG_VALUES, 2 * i);
      long high = element(SysField.CPUID_CONFIG_VALUES, 2 * i + 1);
      result.add(
          new CpuidConfig(
              (int) leaf,
              (int) (leaf >>> 32),
              (int) low,
              (int) (low >>> 32),
              (int) high,
              (int) (high >>> 32)));
    }
    return List.copyOf(result);
  }

  private List<Cmr> cmrs() {
    int count = number(SysField.NUM_CMRS);
    List<Cmr> result = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Hpa base = new Hpa(element(SysField.CMR_BASE, i));
      long size = element(SysField.CMR_SIZE, i);
      if (size == 0) {
        continue;
      }
      if (!result.isEmpty() && result.getLast().end().equals(base)) {
        Cmr last = result.removeLast();
        result.add(new Cmr(last.base(), last.size() + size));
      } else {
        result.add(new Cmr(base, size));
      }
    }
    return List.copyOf(result);
  }

  private int number(SysField field) {
    return (int) one(field);
  }

  private long one(SysField field) {
    return element(field, 0);
  }

  private long element(SysField field, int index) {
    FieldReply reply = sys.read(lp, field.id() + index);
    if (reply.status().isSuccess()) {
      return reply.value();
    }
    if (failure == null) {
      failure =
          new BringUp.Failed(
              TdhSys.RD.abiName(),
              reply.status() + " for " + field,
              "the module does not report a field that the host needs; use a 1.5 module");
    }
    return 0;
  }
}
