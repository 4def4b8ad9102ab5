/**
 * The certificates and revocation lists that attestation meets, read strictly: DER only, P-256
 * only, the extensions of Intel's profiles. Chains of Intel's shape and the SGX extension of PCK
 * certificates are understood; nothing here judges times or policy.
 */
package org.swtdx.attestation.x509;
