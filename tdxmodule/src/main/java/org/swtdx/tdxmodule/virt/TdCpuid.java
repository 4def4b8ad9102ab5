package org.swtdx.tdxmodule.virt;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.virt.CpuidTable.Entry;
import org.swtdx.tdxmodule.virt.CpuidTable.XfamMask;

/**
 * The CPUID of one TD, computed at TDH.MNG.INIT; bits that depend on the state of a vCPU are filled
 * in when it executes CPUID. Immutable, shared by the TD's vCPUs.
 */
public final class TdCpuid {
  /** TD_CTLS bit: leaves 0xB and 0x1F are virtualized instead of raising #VE. */
  public static final long ENUM_TOPOLOGY = 1L << 1;

  /** TD_CTLS bit: leaf 2 is virtualized instead of raising #VE. */
  public static final long VIRT_CPUID2 = 1L << 2;

  private static final CpuidTable TABLE = CpuidTable.INSTANCE;
  private static final int LAST_BASE_LEAF = 0x23;
  private static final int LAST_EXTENDED_LEAF = 0x80000008;
  private static final int CR4_OSXSAVE = 1 << 18;
  private static final int CR4_PKE = 1 << 22;
  private static final int IA32_XSS = 0xda0;

  private final CpuidModel processor;
  private final long xfam;
  private final int[] values;

  /**
   * A leaf, and a sub-leaf if the leaf has any.
   *
   * @param leaf leaf
   * @param subleaf sub-leaf, -1 when the leaf has none
   */
  public record LeafId(int leaf, int subleaf) {}

  private TdCpuid(CpuidModel processor, long xfam) {
    this.processor = processor;
    this.xfam = xfam;
    values = new int[4 * TABLE.entries().size()];
  }

  /** Number of CPUID_CONFIG entries in TD_PARAMS. */
  public static int configCount() {
    return TABLE.configurable().size();
  }

  /** Leaf of CPUID_CONFIG entry {@code index}. */
  public static int configLeaf(int index) {
    return TABLE.configurable().get(index).leaf();
  }

  /** Sub-leaf of CPUID_CONFIG entry {@code index}, -1 when the leaf has none. */
  public static int configSubleaf(int index) {
    return TABLE.configurable().get(index).subleaf();
  }

  /** Bits that a host may set in CPUID_CONFIG entry {@code index}, by register. */
  public static int[] configurable(CpuidModel processor, int index) {
    return configurable(processor, TABLE.configurable().get(index));
  }

  private static int[] configurable(CpuidModel processor, Entry entry) {
    int[] own = registers(processor.cpuid(entry.leaf(), Math.max(0, entry.subleaf())));
    int[] result = new int[4];
    for (int r = 0; r < 4; r++) {
      result[r] = entry.host()[r] | entry.allow()[r] & own[r];
    }
    return result;
  }

  /**
   * Computes the values of a TD, after the checks of CPUID_CONFIG in the order of the entries'
   * positions. Bits that a host may only clear can be set without effect where the processor lacks
   * them.
   *
   * @param processor the processor's own CPUID
   * @param parameters the checked parameters
   * @param config CPUID_CONFIG, four registers per entry
   * @throws TdParameters.CpuidRefusal when an entry sets a bit which no host may set, or values
   *     that contradict each other
   */
  static TdCpuid compute(CpuidModel processor, TdParameters parameters, int[] config)
      throws Refusal, TdParameters.CpuidRefusal {
    TdCpuid cpuid = new TdCpuid(processor, parameters.xfam());
    List<Entry> entries = TABLE.entries();
    for (int i = 0; i < entries.size(); i++) {
      cpuid.init(i, entries.get(i), config);
    }
    CpuidFeatureRules rules = new CpuidFeatureRules(cpuid, parameters, config);
    for (Entry entry : TABLE.bySlot()) {
      check(entry, config);
      rules.check(entry.leaf(), entry.subleaf());
    }
    rules.apply();
    return cpuid;
  }

  private static void check(Entry entry, int[] config) throws TdParameters.CpuidRefusal {
    for (int r = 0; entry.config() >= 0 && r < 4; r++) {
      if ((config[4 * entry.config() + r] & ~(entry.host()[r] | entry.allow()[r])) != 0) {
        throw new TdParameters.CpuidRefusal(new LeafId(entry.leaf(), entry.subleaf()));
      }
    }
  }

  private void init(int position, Entry entry, int[] config) {
    int[] own = registers(processor.cpuid(entry.leaf(), Math.max(0, entry.subleaf())));
    for (int r = 0; r < 4; r++) {
      int chosen = entry.config() < 0 ? 0 : config[4 * entry.config() + r];
      int value = own[r] & ~entry.zero()[r] & ~entry.host()[r] & ~entry.allow()[r];
      value |= entry.one()[r];
      value |= chosen & entry.host()[r];
      value |= chosen & entry.allow()[r] & own[r];
      for (XfamMask mask : entry.dependent()) {
        if ((xfam & mask.xfam()) != mask.xfam()) {
          value &= ~mask.masks()[r];
        }
      }
      values[4 * position + r] = value;
    }
  }

  /** Returns register {@code r} (0 EAX to 3 EDX) of a leaf the table has. */
  int get(int leaf, int subleaf, int r) {
    return values[4 * TABLE.find(leaf, subleaf) + r];
  }

  /** Replaces register {@code r} of a leaf the table has. */
  void set(int leaf, int subleaf, int r, int value) {
    values[4 * TABLE.find(leaf, subleaf) + r] = value;
  }

  CpuidModel processor() {
    return processor;
  }

  /** CPUID(1).EAX of the processor itself: family, model and stepping. */
  public int processorSignature() {
    return processor.cpuid(1, 0).eax();
  }

  /**
   * Whether the processor itself has a feature of CPUID(1) or (7,0), whatever the TD's CPUID says.
   */
  public boolean processorHas(int leaf, int r, int bit) {
    CpuidModel.Result own = processor.cpuid(leaf, 0);
    int value =
        switch (r) {
          case 0 -> own.eax();
          case 1 -> own.ebx();
          case 2 -> own.ecx();
          default -> own.edx();
        };
    return (value >>> bit & 1) != 0;
  }

  /** Whether the TD's CPUID(7,0) or CPUID(1) sets a bit: register {@code r}, bit {@code bit}. */
  public boolean has(int leaf, int subleaf, int r, int bit) {
    return (get(leaf, subleaf, r) >>> bit & 1) != 0;
  }

  /**
   * Whether there is a CPUID_VALUES metadata field for a leaf.
   *
   * @param subleaf sub-leaf, which a leaf that ignores ECX does not care about, or -1 for none
   */
  public static boolean isField(int leaf, int subleaf) {
    return TABLE.find(leaf, subleaf) >= 0;
  }

  /** Whether the entry of an existing CPUID_VALUES field always raises #VE: it has no values. */
  public static boolean faults(int leaf, int subleaf) {
    return TABLE.entries().get(TABLE.find(leaf, subleaf)).faults();
  }

  /** Positions that leaves and sub-leaves have, some of which are empty: NUM_CPUID_VALUES. */
  public static int slots() {
    return TABLE.bySlot().getLast().slot() + 1;
  }

  /** Whether the entry with {@code slot} in CPUID_CONTROL exists and has values: CPUID_VALID. */
  public static boolean isValid(int slot) {
    return TABLE.entries().stream().anyMatch(e -> e.slot() == slot && !e.faults());
  }

  /** The leaf whose position is the first one after {@code slot}, or null. */
  public static @Nullable LeafId leafAfter(int slot) {
    for (Entry e : TABLE.bySlot()) {
      if (e.slot() > slot) {
        return new LeafId(e.leaf(), e.subleaf());
      }
    }
    return null;
  }

  /** Returns element 0 (EBX:EAX) or 1 (EDX:ECX) of an existing CPUID_VALUES field. */
  public long field(int leaf, int subleaf, int element) {
    int position = 4 * TABLE.find(leaf, subleaf) + 2 * element;
    return Integer.toUnsignedLong(values[position]) | (long) values[position + 1] << 32;
  }

  /** Returns the position of a leaf in CPUID_CONTROL, or -1 when it has none. */
  public static int controlSlot(int leaf, int subleaf) {
    int position = TABLE.find(clamp(leaf), subleaf);
    return position < 0 ? -1 : TABLE.entries().get(position).slot();
  }

  /**
   * Executes CPUID.
   *
   * @param leaf EAX
   * @param subleaf ECX
   * @param state the vCPU's registers
   * @param vcpuIndex its VCPU_INDEX
   * @param x2ApicId its x2APIC id
   * @param tdCtls TD_CTLS
   * @param result receives EAX, EBX, ECX, EDX
   * @return false for #VE
   */
  public boolean execute(
      int leaf,
      int subleaf,
      CpuState state,
      int vcpuIndex,
      int x2ApicId,
      long tdCtls,
      int[] result) {
    if (leaf >>> 28 == 4) {
      return false;
    }
    int known = clamp(leaf);
    int position = TABLE.find(known, subleaf);
    if (position < 0 || TABLE.entries().get(position).faults()) {
      return false;
    }
    System.arraycopy(values, 4 * position, result, 0, 4);
    boolean topology = (tdCtls & ENUM_TOPOLOGY) != 0;
    switch (known) {
      case 1 -> {
        result[1] |= (topology ? x2ApicId : vcpuIndex) << 24;
        result[2] |= (state.cr(4) & CR4_OSXSAVE) != 0 ? 1 << 27 : 0;
      }
      case 2 -> {
        return (tdCtls & VIRT_CPUID2) != 0;
      }
      case 7 -> {
        if (subleaf == 0) {
          result[2] |= (state.cr(4) & CR4_PKE) != 0 ? 1 << 4 : 0;
        }
      }
      case 0xb, 0x1f -> {
        result[3] = x2ApicId;
        return topology;
      }
      case 0xd -> liveXsaveSize(subleaf, state, result);
      case 0x80000001 -> result[3] |= state.in64BitMode() ? 1 << 11 : 0;
      default -> {}
    }
    return true;
  }

  private void liveXsaveSize(int subleaf, CpuState state, int[] result) {
    if (subleaf == 0) {
      result[1] = Xfam.standardSize(processor, state.xcr0());
    } else if (subleaf == 1) {
      result[1] = Xfam.compactedSize(processor, state.xcr0() | state.msr(IA32_XSS));
    }
  }

  // SDM Vol. 2A, CPUID: above the maximum, the highest basic leaf answers.
  private static int clamp(int leaf) {
    boolean base = Integer.compareUnsigned(leaf, LAST_BASE_LEAF) <= 0;
    boolean extended = leaf < 0 && Integer.compareUnsigned(leaf, LAST_EXTENDED_LEAF) <= 0;
    return base || extended ? leaf : LAST_BASE_LEAF;
  }

  private static int[] registers(CpuidModel.Result result) {
    return new int[] {result.eax(), result.ebx(), result.ecx(), result.edx()};
  }
}
