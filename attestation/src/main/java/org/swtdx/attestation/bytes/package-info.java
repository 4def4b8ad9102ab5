/** Reads and writes little-endian structures; for the other packages of this module alone. */
package org.swtdx.attestation.bytes;
