/** vCPU scope: the TD virtual processor structure (TDVPS), its association with an LP and state. */
package org.swtdx.tdxmodule.vp;
