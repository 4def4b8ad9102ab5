package org.swtdx.attestation.report;

/**
 * The platform's check that it made a report itself, what ENCLU[EVERIFYREPORT2] is on hardware. The
 * only thing that attestation asks of a running platform.
 */
@FunctionalInterface
public interface ReportMac {
  /** Returns whether {@code reportMacStruct} (256 bytes) carries this platform's MAC. */
  boolean verify(byte[] reportMacStruct);
}
