/**
 * CPU models: named sets of CPUID features, and the choice that a user makes with {@code --cpu}.
 * What a guest gets is the choice limited to what KVM supports; this package knows no vCPU.
 */
package org.swtdx.vmm.cpu;
