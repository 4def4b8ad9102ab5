/**
 * The one kind of signature that attestation uses, ECDSA over P-256 with SHA-256, checked by a
 * provider of native code where there is one and by Bouncy Castle's Java code elsewhere.
 */
package org.swtdx.attestation.crypto;
