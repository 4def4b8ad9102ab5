package org.swtdx.seamcall;

/** Names of the operand ids that status details carry. Source: TDX module 1.5 ABI. */
final class OperandName {
  private OperandName() {}

  static String of(int id) {
    return switch (id) {
      case 0 -> "RAX";
      case 1 -> "RCX";
      case 2 -> "RDX";
      case 3 -> "RBX";
      case 5 -> "RBP";
      case 6 -> "RSI";
      case 7 -> "RDI";
      case 8 -> "R8";
      case 9 -> "R9";
      case 10 -> "R10";
      case 11 -> "R11";
      case 12 -> "R12";
      case 13 -> "R13";
      case 14 -> "R14";
      case 15 -> "R15";
      case 64 -> "ATTRIBUTES";
      case 65 -> "XFAM";
      case 66 -> "EXEC_CONTROLS";
      case 67 -> "EPTP_CONTROLS";
      case 68 -> "MAX_VCPUS";
      case 69 -> "CPUID_CONFIG";
      case 70 -> "TSC_FREQUENCY";
      case 71 -> "NUM_L2_VMS";
      case 72 -> "IA32_ARCH_CAPABILITIES_CONFIG";
      case 95 -> "PAGE";
      case 96 -> "TDMR_INFO_PA";
      case 97 -> "GPA_LIST_ENTRY";
      case 98 -> "MIG_BUFF_LIST_ENTRY";
      case 99 -> "NEW_PAGE_LIST_ENTRY";
      case 100 -> "KEYNAME";
      case 105 -> "MEM_SCAN_CONTEXT";
      case 106 -> "GPA_RANGE_LIST_ENTRY";
      case 107 -> "GPA_LIST_INFO_ENTRY";
      case 108 -> "KEYSIZE_BITMAP";
      case 128 -> "TDR";
      case 129 -> "TDCX";
      case 130 -> "TDVPR";
      case 132 -> "REG_PAGE";
      case 144 -> "TDCS";
      case 145 -> "TDVPS";
      case 146 -> "SEPT_TREE";
      case 147 -> "SEPT_ENTRY";
      case 168 -> "RTMR";
      case 169 -> "TD_EPOCH";
      case 170 -> "L2_VAPIC_GPA";
      case 171 -> "MIGSC";
      case 172 -> "OP_STATE";
      case 173 -> "MIG";
      case 174 -> "SERVTD_BINDINGS";
      case 175 -> "PASID_TRK";
      case 176 -> "METADATA_FIELD";
      case 178 -> "CPUID_FIXED0_BITMAP";
      case 184 -> "SYS";
      case 185 -> "TDMR";
      case 186 -> "KOT";
      case 187 -> "KET";
      case 188 -> "WBCACHE";
      case 190 -> "MEM_SCAN_STATE";
      default -> "0x" + Integer.toHexString(id);
    };
  }
}
