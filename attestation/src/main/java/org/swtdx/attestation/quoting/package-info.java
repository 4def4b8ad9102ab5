/**
 * The side that makes quotes: the quoting enclave of this platform and the TEST PKI that certifies
 * it. It knows the layout of quotes from {@code quote} and nothing of verification; whether a
 * report is this platform's it asks through {@code report.ReportMac}.
 */
package org.swtdx.attestation.quoting;
