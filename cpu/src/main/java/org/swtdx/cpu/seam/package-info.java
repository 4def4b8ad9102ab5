/**
 * What the processor offers to SEAM mode alone: the secret under which it authenticates reports.
 * Exported to the TDX module only.
 */
package org.swtdx.cpu.seam;
