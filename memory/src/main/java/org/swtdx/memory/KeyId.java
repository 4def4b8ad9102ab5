package org.swtdx.memory;

/**
 * A memory-encryption key identifier as it appears in the upper bits of a host physical address.
 *
 * @param value 0 for the platform key (TME), otherwise an MKTME (shared) or TDX (private) KeyID
 */
public record KeyId(int value) {
  /** The platform's own key: plain host memory. */
  public static final KeyId HOST = new KeyId(0);
}
