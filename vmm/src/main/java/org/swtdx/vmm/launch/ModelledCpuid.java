package org.swtdx.vmm.launch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.swtdx.vmm.VmType;
import org.swtdx.vmm.cpu.CpuFeature;
import org.swtdx.vmm.cpu.CpuModel;
import org.swtdx.vmm.cpu.CpuSelection;
import org.swtdx.vmm.cpu.FeatureWord;

/** The CPUID list that KVM supports, cut down to a chosen processor. */
final class ModelledCpuid {
  private static final int STATE = 0xd, BRAND = 0x8000_0002, EXTENDED = 0x8000_0000;
  private static final int LEGACY_STATE = 576;
  private static final int PARAVIRTUAL = 0x4000_0001;

  /** {@code KVM_FEATURE_*} that work without shared memory that the guest did not offer. */
  private static final int PARAVIRTUAL_OF_TD = 1 << 1;

  private static final int AVX_STATE = 2, PKRU_STATE = 9;

  /** Components that every processor with XSAVE has, and those that come with AVX and PKU. */
  private static final int BASIC_STATE = 3;

  private final List<CpuidEntry> supported;
  private final CpuSelection cpu;
  private final VmType type;
  private final Set<CpuFeature> features;

  ModelledCpuid(List<CpuidEntry> supported, CpuSelection cpu, VmType type) {
    this.supported = supported;
    this.cpu = cpu;
    this.type = type;
    this.features = cpu.features(features(supported));
  }

  /** The features that a list reports. */
  static Set<CpuFeature> features(List<CpuidEntry> entries) {
    Set<CpuFeature> result = EnumSet.noneOf(CpuFeature.class);
    for (CpuFeature feature : CpuFeature.values()) {
      FeatureWord word = feature.word();
      for (CpuidEntry e : entries) {
        if (e.function() == word.leaf()
            && e.index() == word.subleaf()
            && (e.register(word.register()) & feature.mask()) != 0) {
          result.add(feature);
        }
      }
    }
    return result;
  }

  /** A TD's clock is its TSC: the host cannot write to its memory. */
  private CpuidEntry paravirtual(CpuidEntry e) {
    return e.function() == PARAVIRTUAL && type == VmType.TDX
        ? new CpuidEntry(
            e.function(),
            e.index(),
            e.flags(),
            e.eax() & PARAVIRTUAL_OF_TD,
            e.ebx(),
            e.ecx(),
            e.edx())
        : e;
  }

  List<CpuidEntry> entries() {
    List<CpuidEntry> result = new ArrayList<>();
    for (CpuidEntry e : supported) {
      boolean beyond = e.function() > maxBasic() && e.function() >>> 28 == 0;
      if (!beyond) {
        result.add(paravirtual(identity(state(withFeatures(e)))));
      }
    }
    return result;
  }

  /** Keeps the chosen features; bits without a name stay only where nothing was chosen. */
  private CpuidEntry withFeatures(CpuidEntry e) {
    CpuidEntry result = e;
    for (FeatureWord word : FeatureWord.values()) {
      if (e.function() != word.leaf() || e.index() != word.subleaf()) {
        continue;
      }
      int named = 0;
      int chosen = 0;
      for (CpuFeature feature : CpuFeature.values()) {
        if (feature.word() == word) {
          named |= feature.mask();
          chosen |= features.contains(feature) ? feature.mask() : 0;
        }
      }
      int unnamed = cpu.model().isEmpty() ? e.register(word.register()) & ~named : 0;
      result = result.withRegister(word.register(), chosen | unnamed);
    }
    return result;
  }

  /** XSAVE components follow the features that need them. */
  private CpuidEntry state(CpuidEntry e) {
    if (e.function() != STATE) {
      return e;
    }
    int components = components();
    if (e.index() == 0) {
      int size = components == 0 ? 0 : LEGACY_STATE;
      for (CpuidEntry other : supported) {
        boolean included = other.index() >= 2 && (components >>> other.index() & 1) != 0;
        if (other.function() == STATE && included) {
          size = Math.max(size, other.ebx() + other.eax());
        }
      }
      return e.withRegisters(e.eax() & components, size, size, 0);
    }
    boolean absent = components == 0 || e.index() >= 2 && (components >>> e.index() & 1) == 0;
    return absent ? e.withRegisters(0, 0, 0, 0) : e;
  }

  private int components() {
    if (!features.contains(CpuFeature.XSAVE)) {
      return 0;
    }
    int withoutAvx = features.contains(CpuFeature.AVX) ? -1 : BASIC_STATE | 1 << PKRU_STATE;
    int withoutKeys = features.contains(CpuFeature.PKU) ? -1 : BASIC_STATE | 1 << AVX_STATE;
    return withoutAvx & withoutKeys;
  }

  /** The highest basic leaf: that of the model, but for leaves that its features need. */
  private int maxBasic() {
    int supportedLevel = level();
    if (type == VmType.TDX || cpu.model().isEmpty()) {
      return supportedLevel;
    }
    int needed = 1;
    for (CpuFeature feature : features) {
      int leaf = feature.word().leaf();
      needed = leaf > needed ? leaf : needed;
    }
    return Math.min(supportedLevel, Math.max(cpu.model().get().level(), needed));
  }

  private int level() {
    return supported.stream()
        .filter(e -> e.function() == 0)
        .mapToInt(CpuidEntry::eax)
        .findFirst()
        .orElse(0);
  }

  /** Signature and name; a TD has those of the platform. */
  private CpuidEntry identity(CpuidEntry e) {
    if (type == VmType.TDX || cpu.model().isEmpty()) {
      return e;
    }
    CpuModel model = cpu.model().get();
    int function = e.function();
    if (function == 0) {
      return e.withRegisters(maxBasic(), e.ebx(), e.ecx(), e.edx());
    }
    if (function == 1) {
      return e.withRegisters(model.signature().eax(), e.ebx(), e.ecx(), e.edx());
    }
    if (function >= BRAND && function <= BRAND + 2 && function > EXTENDED) {
      byte[] name = Arrays.copyOf(model.description().getBytes(StandardCharsets.US_ASCII), 48);
      ByteBuffer words = ByteBuffer.wrap(name).order(ByteOrder.LITTLE_ENDIAN);
      int at = 16 * (function - BRAND);
      return e.withRegisters(
          words.getInt(at), words.getInt(at + 4), words.getInt(at + 8), words.getInt(at + 12));
    }
    return e;
  }
}
