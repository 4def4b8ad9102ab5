/**
 * An assembler for the part of the x86 instruction set that the embedded TD uses, in 32-bit and in
 * 64-bit mode: methods named after instructions append their encoding, labels are resolved at the
 * end. Knows nothing about TDX but the TDCALL instruction.
 */
package org.swtdx.embedded.assembler;
