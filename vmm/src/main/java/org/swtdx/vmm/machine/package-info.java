/** Puts the devices together into a machine: address map, ports, interrupt lines, fw_cfg files. */
package org.swtdx.vmm.machine;
