package org.swtdx.vmm;

import java.util.HexFormat;

/**
 * Where a vCPU was when its run ended, as far as the host may know: an ordinary vCPU, or one of a
 * TD with ATTRIBUTES.DEBUG.
 *
 * @param index the vCPU's number
 * @param rip instruction pointer
 * @param rsp stack pointer
 * @param rflags flags
 * @param cr0 CR0
 * @param cr3 CR3
 * @param cr4 CR4
 * @param efer IA32_EFER
 * @param cs selector of the code segment
 * @param code up to 16 bytes at the instruction pointer, in hexadecimal; empty where none is mapped
 */
public record VcpuRegisters(
    int index,
    long rip,
    long rsp,
    long rflags,
    long cr0,
    long cr3,
    long cr4,
    long efer,
    int cs,
    String code) {
  /** One line of text. */
  public String describe() {
    return "cs:rip %04x:%016x  rsp %016x  rflags %x  cr0 %x  cr3 %x  cr4 %x  efer %x%s"
        .formatted(
            cs, rip, rsp, rflags, cr0, cr3, cr4, efer, code.isEmpty() ? "" : "  code " + code);
  }

  /** Code bytes as {@link #code} has them. */
  public static String code(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
