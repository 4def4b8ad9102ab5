/**
 * The machine's devices that aren't PCI functions, one class each. A device knows its registers and
 * the lines and sinks it was given; none knows KVM or another device.
 */
package org.swtdx.vmm.device;
