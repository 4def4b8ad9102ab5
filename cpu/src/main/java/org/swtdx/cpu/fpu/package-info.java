/**
 * Exact floating point: an arithmetic unit for binary32, binary64 and the 80-bit extended format
 * with all roundings and exception flags, the x87 register stack and its instructions, MMX, and the
 * FXSAVE and XSAVE images. Knows registers and memory through {@code core}, nothing above it.
 */
package org.swtdx.cpu.fpu;
