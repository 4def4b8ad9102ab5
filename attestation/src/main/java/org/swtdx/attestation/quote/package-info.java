/**
 * Quotes of TDs and enclaves: their layout, taken apart with every bound checked. Package {@link
 * org.swtdx.attestation.verify} judges them.
 */
package org.swtdx.attestation.quote;
