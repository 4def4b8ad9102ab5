/**
 * The VMM: a KVM client that loads firmware, hands memory over through the TD HOB, and emulates the
 * devices of a small Q35 machine. Enter with a {@link org.swtdx.vmm.VirtualMachineConfig} and
 * {@link org.swtdx.vmm.LaunchServices}, leave with a {@link org.swtdx.vmm.RunResult}. Knows nothing
 * of the TDX module and the processor.
 */
package org.swtdx.vmm;
