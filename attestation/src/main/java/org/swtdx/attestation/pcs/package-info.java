/**
 * A client of Intel's provisioning certification service and of caches of it (PCS and PCCS, API
 * version 4), with a cache on disk. What servers say is not believed here: signatures and times are
 * the verifier's to judge; here answers are bounded in size and time, and must be about what was
 * asked for.
 */
package org.swtdx.attestation.pcs;
