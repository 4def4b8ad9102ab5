/**
 * KVM as user space sees it: one class per kind of file descriptor, one method per ioctl, with the
 * ioctls' own structures, numbers and errnos. Behind it the two vendors, ordinary VMs (VMX) and
 * Trust Domains (TDX), over common memory slots, attributes and interrupts. What a TD holds has no
 * name here.
 */
package org.swtdx.kvm;
