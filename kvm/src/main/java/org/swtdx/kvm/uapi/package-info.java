/**
 * The KVM user ABI: structures with the offsets, and constants with the numbers, of Linux's
 * exported headers ({@code linux/kvm.h}, {@code asm/kvm.h}). Data only; what an ioctl does is
 * elsewhere.
 */
package org.swtdx.kvm.uapi;
