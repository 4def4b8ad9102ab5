package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;

/** Machine code for guests, assembled from {@code src/test/guest}. */
final class GuestCode {
  /** What TD vCPUs run in {@link ConvertingTd}. */
  static final byte[] TD_CONVERSION = load("td-conversion");

  /** What vCPUs of software-protected VMs run in {@link ConvertingVm}. */
  static final byte[] VM_CONVERSION = load("vm-conversion");

  private GuestCode() {}

  /** The code that is checked in under {@code name}. */
  static byte[] load(String name) {
    try (InputStream in =
        Objects.requireNonNull(GuestCode.class.getResourceAsStream(name + ".hex"), name)) {
      String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      byte[] code = HexFormat.of().parseHex(text.replace("\n", ""));
      assertThat(code.length).as("leaves room in its page").isLessThan(0xf00);
      return code;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
