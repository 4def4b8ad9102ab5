/**
 * The hand-off block list of a TD: which memory the firmware may use at once and which it has to
 * accept first (PI specification volume 3; TDVF Design Guide).
 */
package org.swtdx.vmm.hob;
