/**
 * The KVM uABI as methods: one class per file-descriptor kind, each method an ioctl with the
 * ioctl's own structures, numbers and errnos. A VMM uses nothing else.
 */
package org.swtdx.kvm;
