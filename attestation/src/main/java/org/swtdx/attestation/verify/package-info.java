/**
 * The verification of quotes: bytes go in, a typed verdict comes out. Start with {@link
 * org.swtdx.attestation.verify.QuoteVerifier}. Nothing here reads files, the network or the clock
 * unless it is handed in.
 */
package org.swtdx.attestation.verify;
