package org.swtdx.attestation.eventlog;

import java.util.List;

/**
 * The header of a crypto-agile log: the "Spec ID Event03" structure.
 *
 * @param platformClass 0 for a client, 1 for a server
 * @param versionMajor major version of the specification, 2
 * @param versionMinor minor version
 * @param errata errata level
 * @param uintnSize 1 for 32-bit, 2 for 64-bit firmware
 * @param algorithms the algorithms of the digests in each event
 * @param vendorInfoBytes bytes of vendor information
 */
public record SpecId(
    long platformClass,
    int versionMajor,
    int versionMinor,
    int errata,
    int uintnSize,
    List<HashAlgorithm> algorithms,
    int vendorInfoBytes) {
  /** Copies the list. */
  public SpecId {
    algorithms = List.copyOf(algorithms);
  }

  /** What firmware for TDs writes: version 2.0, 64 bits, SHA-384 alone. */
  public static SpecId ofTd() {
    return new SpecId(0, 2, 0, 0, 2, List.of(HashAlgorithm.SHA384), 0);
  }
}
