/**
 * Event logs of measured boot: reads CCEL logs (TCG2, crypto-agile) and their JSON forms, decodes
 * what firmware, boot loaders and Linux wrote, replays them to RTMR0 to RTMR3, and compares. Bytes
 * come in; an {@link org.swtdx.attestation.eventlog.EventLog} or a one-line {@link
 * org.swtdx.attestation.eventlog.EventLogException} comes out. Knows neither quotes nor firmware.
 */
package org.swtdx.attestation.eventlog;
