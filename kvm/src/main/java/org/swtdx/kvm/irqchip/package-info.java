/**
 * Register models of the PC's interrupt controllers and timer: the pair of 8259s, the I/O APIC, the
 * 8254 with port 0x61. They know neither VMs nor vCPUs, only the lines into them, where their
 * output goes, and a clock. KVM builds its in-kernel chip of them; a VMM that keeps the chip in
 * user space (split mode) builds its own of the same ones. None is thread-safe: the owner's lock
 * guards them, and alarms run under it.
 */
package org.swtdx.kvm.irqchip;
