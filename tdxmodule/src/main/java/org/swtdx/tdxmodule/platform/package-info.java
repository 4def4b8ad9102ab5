/**
 * Platform scope: the system state machine, KeyID ownership, TDMRs and the PAMT. Knows no TD's
 * contents; TDs and vCPUs are only registered here by the page that stands for them.
 */
package org.swtdx.tdxmodule.platform;
