/**
 * From bytes to {@link org.swtdx.cpu.core.Insn}: prefixes, VEX, ModRM, immediates, and the table in
 * which instruction families register what executes each opcode. Knows no instruction's semantics.
 */
package org.swtdx.cpu.decode;
