/**
 * Guest leaves, one class per TDG function named as the ABI names it, and their dispatch. Enters: a
 * vCPU that executed TDCALL. Leaves: its registers changed, an exception for it, or a TD exit.
 */
package org.swtdx.tdxmodule.guest;
