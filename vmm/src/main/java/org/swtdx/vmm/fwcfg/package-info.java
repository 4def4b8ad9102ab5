/**
 * The firmware configuration device: numbered items and named files that firmware reads through
 * ports or DMA (QEMU's published interface "fw_cfg").
 */
package org.swtdx.vmm.fwcfg;
