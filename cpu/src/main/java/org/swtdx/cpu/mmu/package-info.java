/**
 * Address translation behind the software TLB: guest page walks, the second-level translation of
 * what they reach, permissions, accessed and dirty flags, and the accesses that have no native
 * address. Faults go to the {@link org.swtdx.cpu.mmu.MemoryFaults} of the processor.
 */
package org.swtdx.cpu.mmu;
