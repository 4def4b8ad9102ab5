/**
 * Runs decoded blocks: the block cache, the interpreter, and the integer instructions. Delivers no
 * exception itself; a fault or a request for attention ends the run and the caller acts on it.
 */
package org.swtdx.cpu.exec;
