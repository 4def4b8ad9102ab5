/** Collateral from files, so that quotes are verified without a network. */
package org.swtdx.attestation.offline;
