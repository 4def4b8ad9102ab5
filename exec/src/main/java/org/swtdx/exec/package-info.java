/**
 * Lends KVM to native programs as {@code /dev/kvm}. A program runs under a seccomp filter whose
 * notifications arrive here: opens of the device, ioctls of KVM's type, and the few other calls
 * that tell a lent descriptor from a real one. What an ioctl means is KVM's business, not this
 * package's.
 */
package org.swtdx.exec;
