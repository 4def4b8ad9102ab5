package org.swtdx.attestation.eventlog;

import java.util.Map;
import java.util.Optional;

/**
 * The type of an event (TCG PC Client Platform Firmware Profile, "Event Types"), or a type that a
 * guest agent chose.
 *
 * @param code the 32-bit number
 */
public record EventType(int code) {
  /** Nothing is extended; the log's header has this type. */
  public static final EventType NO_ACTION = new EventType(0x3);

  /** Four bytes between the phases of a boot. */
  public static final EventType SEPARATOR = new EventType(0x4);

  /** Free text. */
  public static final EventType ACTION = new EventType(0x5);

  /** A tag and data; Linux, systemd and guest agents use it. */
  public static final EventType EVENT_TAG = new EventType(0x6);

  /** Configuration that firmware read, for example ACPI tables of the VMM. */
  public static final EventType PLATFORM_CONFIG_FLAGS = new EventType(0xa);

  /** What a boot loader measured. */
  public static final EventType IPL = new EventType(0xd);

  /** Contents of a UEFI variable, Secure Boot's among them. */
  public static final EventType EFI_VARIABLE_DRIVER_CONFIG = new EventType(0x80000001);

  /** Boot variables. */
  public static final EventType EFI_VARIABLE_BOOT = new EventType(0x80000002);

  /** An application that firmware loaded. */
  public static final EventType EFI_BOOT_SERVICES_APPLICATION = new EventType(0x80000003);

  /** A boot services driver that firmware loaded. */
  public static final EventType EFI_BOOT_SERVICES_DRIVER = new EventType(0x80000004);

  /** A runtime driver that firmware loaded. */
  public static final EventType EFI_RUNTIME_SERVICES_DRIVER = new EventType(0x80000005);

  /** The GUID partition table of the boot disk. */
  public static final EventType EFI_GPT_EVENT = new EventType(0x80000006);

  /** A step of the boot, as text. */
  public static final EventType EFI_ACTION = new EventType(0x80000007);

  /** A piece of firmware. */
  public static final EventType EFI_PLATFORM_FIRMWARE_BLOB = new EventType(0x80000008);

  /** Tables handed to firmware or by it. */
  public static final EventType EFI_HANDOFF_TABLES = new EventType(0x80000009);

  /** A piece of firmware, with a description. */
  public static final EventType EFI_PLATFORM_FIRMWARE_BLOB2 = new EventType(0x8000000a);

  /** Tables handed over, with a description: for a TD its hand-off block list. */
  public static final EventType EFI_HANDOFF_TABLES2 = new EventType(0x8000000b);

  /** Boot variables; the digest covers name and data. */
  public static final EventType EFI_VARIABLE_BOOT2 = new EventType(0x8000000c);

  /** The certificate or hash that vouched for an image. */
  public static final EventType EFI_VARIABLE_AUTHORITY = new EventType(0x800000e0);

  /** What dstack's guest agent extends RTMR3 with. */
  public static final EventType DSTACK_RUNTIME = new EventType(0x08000001);

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(0x0, "EV_PREBOOT_CERT"),
          Map.entry(0x1, "EV_POST_CODE"),
          Map.entry(0x2, "EV_UNUSED"),
          Map.entry(0x3, "EV_NO_ACTION"),
          Map.entry(0x4, "EV_SEPARATOR"),
          Map.entry(0x5, "EV_ACTION"),
          Map.entry(0x6, "EV_EVENT_TAG"),
          Map.entry(0x7, "EV_S_CRTM_CONTENTS"),
          Map.entry(0x8, "EV_S_CRTM_VERSION"),
          Map.entry(0x9, "EV_CPU_MICROCODE"),
          Map.entry(0xa, "EV_PLATFORM_CONFIG_FLAGS"),
          Map.entry(0xb, "EV_TABLE_OF_DEVICES"),
          Map.entry(0xc, "EV_COMPACT_HASH"),
          Map.entry(0xd, "EV_IPL"),
          Map.entry(0xe, "EV_IPL_PARTITION_DATA"),
          Map.entry(0xf, "EV_NONHOST_CODE"),
          Map.entry(0x10, "EV_NONHOST_CONFIG"),
          Map.entry(0x11, "EV_NONHOST_INFO"),
          Map.entry(0x12, "EV_OMIT_BOOT_DEVICE_EVENTS"),
          Map.entry(0x13, "EV_POST_CODE2"),
          Map.entry(0x08000001, "DSTACK_RUNTIME_EVENT"),
          Map.entry(0x80000001, "EV_EFI_VARIABLE_DRIVER_CONFIG"),
          Map.entry(0x80000002, "EV_EFI_VARIABLE_BOOT"),
          Map.entry(0x80000003, "EV_EFI_BOOT_SERVICES_APPLICATION"),
          Map.entry(0x80000004, "EV_EFI_BOOT_SERVICES_DRIVER"),
          Map.entry(0x80000005, "EV_EFI_RUNTIME_SERVICES_DRIVER"),
          Map.entry(0x80000006, "EV_EFI_GPT_EVENT"),
          Map.entry(0x80000007, "EV_EFI_ACTION"),
          Map.entry(0x80000008, "EV_EFI_PLATFORM_FIRMWARE_BLOB"),
          Map.entry(0x80000009, "EV_EFI_HANDOFF_TABLES"),
          Map.entry(0x8000000a, "EV_EFI_PLATFORM_FIRMWARE_BLOB2"),
          Map.entry(0x8000000b, "EV_EFI_HANDOFF_TABLES2"),
          Map.entry(0x8000000c, "EV_EFI_VARIABLE_BOOT2"),
          Map.entry(0x8000000d, "EV_EFI_GPT_EVENT2"),
          Map.entry(0x80000010, "EV_EFI_HCRTM_EVENT"),
          Map.entry(0x800000e0, "EV_EFI_VARIABLE_AUTHORITY"),
          Map.entry(0x800000e1, "EV_EFI_SPDM_FIRMWARE_BLOB"),
          Map.entry(0x800000e2, "EV_EFI_SPDM_FIRMWARE_CONFIG"),
          Map.entry(0x800000e3, "EV_EFI_SPDM_DEVICE_POLICY"),
          Map.entry(0x800000e4, "EV_EFI_SPDM_DEVICE_AUTHORITY"));

  /** The type's name, or its number for a type without one. */
  public String label() {
    String name = NAMES.get(code);
    return name == null ? String.format("0x%08x", code) : name;
  }

  /** Whether the specification or a known agent gives the type a name. */
  public boolean known() {
    return NAMES.containsKey(code);
  }

  /**
   * Finds a type by what {@link #label} says.
   *
   * @param label a name, or {@code 0x} and a hexadecimal number
   */
  public static Optional<EventType> ofLabel(String label) {
    for (Map.Entry<Integer, String> entry : NAMES.entrySet()) {
      if (entry.getValue().equals(label)) {
        return Optional.of(new EventType(entry.getKey()));
      }
    }
    if (label.startsWith("0x")) {
      try {
        return Optional.of(new EventType(Integer.parseUnsignedInt(label.substring(2), 16)));
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }
}
