/**
 * The machine's I/O ports and memory-mapped registers: who claims what, and where accesses go.
 * Unclaimed addresses read as all ones and swallow writes.
 */
package org.swtdx.vmm.bus;
