/**
 * The launch itself: the ioctls in their order, the vCPU threads, and what to do at each exit.
 * Devices are reached through the bus only.
 */
package org.swtdx.vmm.launch;
