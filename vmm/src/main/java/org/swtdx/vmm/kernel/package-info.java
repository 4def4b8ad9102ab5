/**
 * Kernels that start without firmware: multiboot 1, PVH and the Linux boot protocol. From a file
 * and a memory map to bytes in guest memory and the registers of the first CPU.
 */
package org.swtdx.vmm.kernel;
