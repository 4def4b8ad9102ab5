package org.swtdx.attestation.eventlog;

import org.swtdx.attestation.eventlog.EventDetail.Tagged;
import org.swtdx.attestation.eventlog.EventDetail.Text;
import org.swtdx.attestation.eventlog.EventDetail.Variable;

/** What a difference in an event usually comes from, in words for whoever has to find it. */
final class Meaning {
  private Meaning() {}

  static String of(LogEvent event) {
    EventDetail detail = EventDecoder.decode(event);
    return switch (event.type().code()) {
      case 0x8000000b, 0x80000009 ->
          "the hand-off block list: another memory size or layout, or another VMM";
      case 0x8000000a, 0x80000008 ->
          "the firmware's variable store (CFV) as the VMM loaded it: another build, or enrolled"
              + " keys";
      case 0xa ->
          "what the VMM gave through fw_cfg, mostly ACPI tables: other CPUs or devices, "
              + "memory size, or VMM version";
      case 0x80000001 -> variable(detail);
      case 0x80000002, 0x8000000c ->
          "boot entries: other disks or devices, or entries that an earlier boot left";
      case 0x80000003, 0x80000004, 0x80000005 ->
          "an image that firmware loaded: another build of boot loader or kernel";
      case 0x80000006 -> "the boot disk's partition table, with its unique GUIDs";
      case 0x800000e0 -> "the key that vouched for an image, or shim's configuration";
      case 0x80000007, 0x5 -> "another course of the boot";
      case 0x4 -> "a separator in another place: another version of the firmware";
      case 0xd -> ipl(detail);
      case 0x6 -> tagged(detail);
      case 0x08000001 -> "what dstack's guest agent was started with";
      default -> "";
    };
  }

  private static String variable(EventDetail detail) {
    return detail instanceof Variable v && v.name().equals("SecureBoot")
        ? "Secure Boot is on in one and off in the other, or firmware without Secure Boot"
        : "the keys of Secure Boot";
  }

  private static String ipl(EventDetail detail) {
    if (!(detail instanceof Text text)) {
      return "what a boot loader measured";
    }
    return switch (text.writer()) {
      case "GRUB command" -> "GRUB's configuration, or what GRUB's commands saw";
      case "GRUB kernel command line", "GRUB module command line" -> "the kernel's command line";
      case "GRUB file" -> "the contents of this file";
      case "shim variable" -> "machine owner keys of shim";
      case "systemd-stub section" -> "this section of the unified kernel image";
      default -> "what a boot loader measured";
    };
  }

  private static String tagged(EventDetail detail) {
    if (detail instanceof EventDetail.AgentEntry) {
      return "an entry of a guest agent";
    }
    return detail instanceof Tagged tagged && !tagged.meaning().isEmpty() ? tagged.meaning() : "";
  }
}
