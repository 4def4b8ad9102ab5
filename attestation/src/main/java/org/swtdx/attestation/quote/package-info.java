/**
 * TDX quotes: their layout, and the verification of a quote's signatures up to a root certificate
 * that the caller trusts. What a verified quote says about the world depends on that root: quotes
 * of this platform are signed by a TEST PKI and every text made of them says so.
 */
package org.swtdx.attestation.quote;
