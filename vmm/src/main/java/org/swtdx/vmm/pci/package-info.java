/**
 * PCI configuration space: the access mechanisms at ports 0xcf8 and 0xcfc and in memory (ECAM), and
 * the two functions every Q35 machine has.
 */
package org.swtdx.vmm.pci;
