package org.swtdx.attestation.tdvf;

import org.jspecify.annotations.Nullable;

/**
 * Section types of TDVF metadata (TDX Virtual Firmware Design Guide; td-shim adds the last two).
 */
public enum SectionType {
  /** Boot firmware volume: code, copied from the image. */
  BFV(0, "BFV"),
  /** Configuration firmware volume: variables, copied from the image. */
  CFV(1, "CFV"),
  /** Room for the hand-off block list that the VMM writes. */
  TD_HOB(2, "TD_HOB"),
  /** Temporary memory: stack, heap, mailbox; zeros. */
  TEMP_MEM(3, "TempMem"),
  /** Permanent memory that firmware uses from the start; added later by page acceptance. */
  PERM_MEM(4, "PermMem"),
  /** A kernel that the firmware starts. */
  PAYLOAD(5, "Payload"),
  /** The kernel's parameters. */
  PAYLOAD_PARAM(6, "PayloadParam"),
  /** Description of the TD for attestation; occupies no guest memory. */
  TD_INFO(7, "TD_INFO"),
  /** Parameters for TD creation; occupies no guest memory. */
  TD_PARAMS(8, "TD_PARAMS");

  private final int code;
  private final String label;

  SectionType(int code, String label) {
    this.code = code;
    this.label = label;
  }

  /** The name used in reports. */
  public String label() {
    return label;
  }

  /** The number in the metadata. */
  public int code() {
    return code;
  }

  /** Whether the section must bring its contents from the image. */
  public boolean needsRawData() {
    return this == BFV || this == CFV;
  }

  /** Whether the section must not have contents in the image. */
  public boolean forbidsRawData() {
    return this == TD_HOB || this == TEMP_MEM || this == PERM_MEM;
  }

  /** Whether the section may have a guest address; description-only sections have none. */
  public boolean hasMemory() {
    return this != TD_INFO && this != TD_PARAMS;
  }

  static @Nullable SectionType ofCode(int code) {
    for (SectionType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    return null;
  }
}
