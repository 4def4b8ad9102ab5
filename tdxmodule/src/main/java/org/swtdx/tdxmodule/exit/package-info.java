/**
 * VM exits of a running TD: what the module answers itself, what becomes an exception of the guest,
 * and what leaves the TD. Enters: a vCPU's VM-exit information. Leaves: a prepared {@code TdExit},
 * or a guest that goes on.
 */
package org.swtdx.tdxmodule.exit;
