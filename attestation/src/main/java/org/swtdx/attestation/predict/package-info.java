/**
 * Predicts RTMR0 and RTMR1 of a TD that boots OVMF, from the firmware image and from what the VMM
 * hands over. An image and a {@link org.swtdx.attestation.predict.MachineDescription} come in; an
 * event log comes out, which replays to the registers. Knows no VMM: who built the machine passes
 * in its hand-off block list and ACPI tables as bytes.
 */
package org.swtdx.attestation.predict;
