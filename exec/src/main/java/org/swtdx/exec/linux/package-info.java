/**
 * The system calls that lending needs, through the foreign function API: seccomp notification,
 * memory and descriptors of other processes, ptrace, files without names. Nothing of KVM.
 */
package org.swtdx.exec.linux;
