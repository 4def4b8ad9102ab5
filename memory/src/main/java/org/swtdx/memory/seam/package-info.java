/**
 * The raw face of physical memory, exported to the processor and the TDX module only: accesses with
 * any KeyID, key programming, and unchecked loads and stores once a mapping was checked.
 */
package org.swtdx.memory.seam;
