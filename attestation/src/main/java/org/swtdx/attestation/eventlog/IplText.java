package org.swtdx.attestation.eventlog;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.swtdx.attestation.eventlog.EventDetail.Opaque;
import org.swtdx.attestation.eventlog.EventDetail.Text;
import org.swtdx.attestation.text.Printable;

/** Texts of EV_IPL events: what boot loaders measure into RTMR2. */
final class IplText {
  /** Prefixes of GRUB's descriptions; the digest covers what follows them. */
  private static final Map<String, String> GRUB =
      Map.of(
          "grub_cmd: ", "GRUB command",
          "kernel_cmdline: ", "GRUB kernel command line",
          "module_cmdline: ", "GRUB module command line",
          "grub_cmd ", "GRUB command",
          "grub_kernel_cmdline ", "GRUB kernel command line",
          "grub_module_cmdline ", "GRUB module command line",
          "grub_linuxefi ", "GRUB linuxefi");

  private static final List<String> PREFIXES =
      GRUB.keySet().stream().sorted((a, b) -> b.length() - a.length()).toList();

  private static final Set<String> SHIM =
      Set.of("MokList", "MokListX", "MokListTrusted", "MokSBState", "MokDBState", "SbatLevel");

  /** Sections of a unified kernel image, in the order in which systemd-stub measures them. */
  static final Set<String> UKI_SECTIONS =
      Set.of(
          ".profile",
          ".linux",
          ".osrel",
          ".cmdline",
          ".initrd",
          ".ucode",
          ".splash",
          ".dtb",
          ".dtbauto",
          ".hwids",
          ".uname",
          ".sbat",
          ".pcrpkey",
          ".efifw");

  private IplText() {}

  static EventDetail decode(byte[] data) {
    Optional<String> wide = Printable.utf16(data);
    if (wide.isPresent()
        && (UKI_SECTIONS.contains(wide.get()) || data.length > 3 && data[1] == 0)) {
      String text = Printable.clean(wide.get());
      return new Text(UKI_SECTIONS.contains(text) ? "systemd-stub section" : "systemd", text);
    }
    Optional<String> narrow = grubText(data);
    if (narrow.isEmpty()) {
      return new Opaque("", EventDecoder.hex(data));
    }
    String text = narrow.get();
    for (String prefix : PREFIXES) {
      if (text.startsWith(prefix)) {
        return new Text(
            String.valueOf(GRUB.get(prefix)), Printable.clean(text.substring(prefix.length())));
      }
    }
    if (SHIM.contains(text)) {
      return new Text("shim variable", text);
    }
    return new Text(text.contains("/") ? "GRUB file" : "", Printable.clean(text));
  }

  /**
   * The text up to its NUL; some versions of GRUB log one byte too many behind it, which is
   * whatever was in memory.
   */
  static Optional<String> grubText(byte[] data) {
    int end = data.length;
    if (end >= 2 && data[end - 1] != 0 && data[end - 2] == 0) {
      end--;
    }
    return Printable.utf8(java.util.Arrays.copyOf(data, end));
  }

  /** What the digest covers if GRUB wrote the text as its description says; empty otherwise. */
  static Optional<String> measuredText(byte[] data) {
    Optional<String> text = grubText(data);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    for (String prefix : PREFIXES) {
      if (text.get().startsWith(prefix) && !prefix.startsWith("grub_linuxefi")) {
        return Optional.of(text.get().substring(prefix.length()));
      }
    }
    return Optional.empty();
  }
}
