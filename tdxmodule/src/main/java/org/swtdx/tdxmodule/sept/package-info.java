/**
 * The Secure EPT: entries, their states, walks, and second-level translation for a TD's vCPUs.
 * Knows no operands; leaves decide which transition is allowed when.
 */
package org.swtdx.tdxmodule.sept;
