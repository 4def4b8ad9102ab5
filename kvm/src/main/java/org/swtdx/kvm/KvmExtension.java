package org.swtdx.kvm;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.swtdx.kvm.uapi.KvmExtensionAbi;

/**
 * What this KVM has and no release of Linux does: each was posted or asked for, none was merged.
 * All are off unless the host is started with them. {@link org.swtdx.kvm.uapi.KvmExtensionAbi}
 * tells user space which are on.
 */
public enum KvmExtension {
  /** Private memory of TDs in pages of 2 MiB, split when something smaller is needed. */
  LARGE_PRIVATE_PAGES("large-private-pages", KvmExtensionAbi.LARGE_PRIVATE_PAGES),

  /** {@code KVM_TDX_TERMINATE_VM}: retires a TD's KeyID while its files are still open. */
  TERMINATE_VM("terminate-vm", KvmExtensionAbi.TERMINATE),

  /** TDs with ATTRIBUTES.DEBUG, whose registers and memory user space can read and write. */
  DEBUG_TD("debug-td", KvmExtensionAbi.DEBUG_TD);

  private final String label;
  private final int bit;

  KvmExtension(String label, int bit) {
    this.label = label;
    this.bit = bit;
  }

  /** The name that commands and documents use. */
  public String label() {
    return label;
  }

  /** The capability's answer when {@code extensions} are on. */
  static int bits(Set<KvmExtension> extensions) {
    return extensions.stream().mapToInt(extension -> extension.bit).sum();
  }

  /**
   * Returns the extension with a name.
   *
   * @throws IllegalArgumentException if there is none; names those that there are
   */
  public static KvmExtension parse(String label) {
    for (KvmExtension extension : values()) {
      if (extension.label.equals(label)) {
        return extension;
      }
    }
    throw new IllegalArgumentException(
        "no extension '"
            + label
            + "'; there are "
            + Arrays.stream(values()).map(KvmExtension::label).collect(Collectors.joining(", ")));
  }

  @Override
  public String toString() {
    return label;
  }
}
