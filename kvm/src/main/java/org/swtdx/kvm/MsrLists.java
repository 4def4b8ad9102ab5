package org.swtdx.kvm;

/** The MSRs that user space can save and restore, and the feature MSRs. */
final class MsrLists {
  /** What KVM_GET_MSR_INDEX_LIST reports. */
  static final int[] SAVED = {
    0x10,
    0x11,
    0x12,
    0x4b56_4d00,
    0x4b56_4d01,
    0x3b,
    0x174,
    0x175,
    0x176,
    0x1a0,
    0x277,
    0x2ff,
    0x6e0,
    0xda0,
    0xc000_0081,
    0xc000_0082,
    0xc000_0083,
    0xc000_0084,
    0xc000_0102,
    0xc000_0103,
    0x3a,
    0x48,
    0x8b,
    0xce,
    0x10a,
    0x140,
    0x17a,
    0x17b,
    0x1d9,
    0x1db,
    0x1dc,
    0x1dd,
    0x1de,
    0x1fc,
    0x345,
    0x4d0,
    0xc001_0015
  };

  /** What KVM_GET_MSR_FEATURE_INDEX_LIST reports. */
  static final int[] FEATURES = {0x8b, 0xce, 0x10a, 0x345};

  private static final int MICROCODE = 0x8b;

  private MsrLists() {}

  static boolean isFeature(int msr) {
    return contains(FEATURES, msr);
  }

  /** Whether user space is told to save an MSR. */
  static boolean isSaved(int msr) {
    return contains(SAVED, msr);
  }

  /** Whether an MSR stays as it is once the vCPU ran: features, but the microcode revision. */
  static boolean isImmutable(int msr) {
    return isFeature(msr) && msr != MICROCODE;
  }

  private static boolean contains(int[] list, int msr) {
    for (int listed : list) {
      if (listed == msr) {
        return true;
      }
    }
    return false;
  }

  /** The host's value of a feature MSR. */
  static long featureValue(int msr) {
    return switch (msr) {
      case 0x8b -> 1L << 32;
      case 0xce -> 1L << 31;
      default -> 0;
    };
  }
}
