/**
 * The vector instructions: SSE to SSE4.2, AES-NI, PCLMULQDQ, SHA and AVX forms, on the vector
 * registers of {@code core.Core}, as handlers that the decoder finds in {@link
 * org.swtdx.cpu.simd.SimdOpcodes}.
 */
package org.swtdx.cpu.simd;
