package org.swtdx.attestation.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.attestation.eventlog.Logs.concat;
import static org.swtdx.attestation.eventlog.Logs.described;
import static org.swtdx.attestation.eventlog.Logs.guid;
import static org.swtdx.attestation.eventlog.Logs.little;
import static org.swtdx.attestation.eventlog.Logs.tagged;
import static org.swtdx.attestation.eventlog.Logs.text;
import static org.swtdx.attestation.eventlog.Logs.variable;
import static org.swtdx.attestation.eventlog.Logs.wide;

import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class EventDecoderTest {
  private static final byte[] END = {0x7f, (byte) 0xff, 4, 0};

  private record Case(int type, String hex, String summary) {
    Case(int type, byte[] data, String summary) {
      this(type, HexFormat.of().formatHex(data), summary);
    }

    byte[] data() {
      return HexFormat.of().parseHex(hex);
    }
  }

  private static final List<Case> CASES =
      List.of(
          new Case(0x4, new byte[4], "separator"),
          new Case(0x4, little(4, 1), "separator 0x00000001"),
          new Case(0x80000001, variable("SecureBoot", new byte[] {1}), "SecureBoot: on"),
          new Case(0x80000001, variable("SecureBoot", new byte[1]), "SecureBoot: off"),
          new Case(0x80000001, variable("PK", new byte[0]), "PK: not set"),
          new Case(0x80000001, variable("dbx", hashList(3)), "dbx: 3 × SHA-256 hash"),
          new Case(
              0x80000002, variable("BootOrder", little(4, 0x0001_0005)), "BootOrder: 0005, 0001"),
          new Case(
              0x80000002,
              variable("Boot0000", option(1, "disk", concat(pci(), END))),
              "Boot0000: 'disk' PciRoot(0x0)/Pci(0x1f,0x2)"),
          new Case(
              0x80000002,
              variable("Boot0001", option(0, "off", END)),
              "Boot0001: 'off'  (not active)"),
          new Case(0x800000e0, variable("SbatLevel", text("sbat,1\n")), "SbatLevel: sbat,1\\n"),
          new Case(
              0x8000000a,
              concat(described("Fv(X)"), little(8, 0xffc00000L), little(8, 0x84000)),
              "Fv(X) at 0xffc00000, 0x84000 bytes"),
          new Case(0x80000008, concat(little(8, 0x1000), little(8, 0x20)), "at 0x1000, 0x20 bytes"),
          new Case(
              0x8000000b,
              concat(described("TdxTable"), little(8, 1), guid(1), little(8, 0x809000)),
              "TdxTable 00000000-0000-0000-0000-000000000001 at 0x809000"),
          new Case(
              0x80000003,
              image(concat(pci(), hardDrive(), file("\\EFI\\BOOT\\BOOTX64.EFI"), END)),
              "PciRoot(0x0)/Pci(0x1f,0x2)/HD(1,GPT,00000000-0000-0000-0000-000000000009,0x800,"
                  + "0x1000)/\\EFI\\BOOT\\BOOTX64.EFI (4096 bytes)"),
          new Case(0x80000003, image(new byte[0]), "image (4096 bytes)"),
          new Case(0x80000006, gpt(), "disk 00000000-0000-0000-0000-000000000005, esp 2048..4095"),
          new Case(0xa, text("ACPI DATA"), "ACPI DATA"),
          new Case(0xa, concat(text("etc/acpi/rsdp"), new byte[20]), "etc/acpi/rsdp"),
          new Case(0xd, text("grub_cmd: set a=1\0"), "GRUB command: set a=1"),
          new Case(0xd, text("grub_cmd set a=1\0x"), "GRUB command: set a=1"),
          new Case(
              0xd, text("kernel_cmdline: /vmlinuz ro\0"), "GRUB kernel command line: /vmlinuz ro"),
          new Case(0xd, text("/boot/vmlinuz\0"), "GRUB file: /boot/vmlinuz"),
          new Case(0xd, text("MokListTrusted\0"), "shim variable: MokListTrusted"),
          new Case(0xd, wide(".cmdline\0"), "systemd-stub section: .cmdline"),
          new Case(0xd, wide("quiet splash\0"), "systemd: quiet splash"),
          new Case(
              0x6,
              tagged(0x8f3b22ed, text("LOADED_IMAGE::LoadOptions\0")),
              "Linux EFI stub, command line: LOADED_IMAGE::LoadOptions"),
          new Case(
              0x6,
              tagged(0xf5bc582a, wide("loader.conf\0")),
              "systemd-boot, configuration: loader.conf"),
          new Case(0x6, tagged(0x1234, new byte[] {1, 2}), "tag 0x00001234: 0102"),
          new Case(0x6, tagged(0x4141454c, text("a.org op some thing")), "a.org op some thing"),
          new Case(
              0x80000007, text("Exit Boot Services Invocation"), "Exit Boot Services Invocation"),
          new Case(0x80000007, text("bell\u001b[2J"), "62656c6c1b5b324a"),
          new Case(0x80000007, text("right\u202eleft"), "right\\u202eleft"));

  @TestFactory
  Stream<DynamicTest> dataAreSaidInWords() {
    return CASES.stream()
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.summary(),
                    () -> assertThat(decode(c.type(), c.data()).summary()).isEqualTo(c.summary())));
  }

  @TestFactory
  Stream<DynamicTest> cutDataAreCalledMalformed() {
    return CASES.stream()
        .filter(c -> c.type() != 0xd && c.type() != 0xa && c.type() != 0x80000007)
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.summary(),
                    () -> {
                      byte[] cut = java.util.Arrays.copyOf(c.data(), c.data().length - 1);
                      assertThat(decode(c.type(), cut).summary()).contains("malformed");
                    }));
  }

  @Test
  void aDevicePathWithoutEndOrWithNodesOfLengthZeroIsNoTrap() {
    assertThat(DevicePath.text(pci())).isEqualTo("PciRoot(0x0)/Pci(0x1f,0x2)");
    assertThat(DevicePath.text(new byte[] {1, 1, 0, 0})).startsWith("malformed");
    assertThat(DevicePath.text(new byte[] {9, 9, 5, 0, 7, 0x7f, (byte) 0xff, 4, 0}))
        .isEqualTo("Path(9,9,07)");
  }

  private static EventDetail decode(int type, byte[] data) {
    return EventDecoder.decode(new LogEvent(0, 1, new EventType(type), List.of(), data, ""));
  }

  private static byte[] option(int attributes, String name, byte[] path) {
    return concat(little(4, attributes), little(2, path.length), wide(name + "\0"), path);
  }

  private static byte[] pci() {
    return HexFormat.of().parseHex("02010c00d041030a0000000001010600021f");
  }

  private static byte[] hardDrive() {
    return concat(
        new byte[] {4, 1, 42, 0},
        little(4, 1),
        little(8, 0x800),
        little(8, 0x1000),
        guid(9),
        new byte[] {2, 2});
  }

  private static byte[] file(String name) {
    byte[] text = wide(name + "\0");
    return concat(new byte[] {4, 4}, little(2, text.length + 4), text);
  }

  private static byte[] image(byte[] path) {
    return concat(little(8, 0x7000), little(8, 4096), little(8, 0), little(8, path.length), path);
  }

  private static byte[] hashList(int count) {
    byte[] type = HexFormat.of().parseHex("2616c4c14c509240aca941f936934328");
    return concat(
        type, little(4, 28 + 48L * count), little(4, 0), little(4, 48), new byte[48 * count]);
  }

  private static byte[] gpt() {
    byte[] header = new byte[92];
    header[71] = 5;
    byte[] name = java.util.Arrays.copyOf(wide("esp"), 72);
    return concat(
        header,
        little(8, 1),
        guid(1),
        guid(2),
        little(8, 2048),
        little(8, 4095),
        new byte[8],
        name);
  }
}
