package org.swtdx.seamcall;

/**
 * A CPUID leaf that TD_PARAMS can configure, with the bits that are configurable.
 *
 * @param leaf leaf
 * @param subleaf sub-leaf, or -1 when the leaf has none
 * @param eax configurable bits of EAX
 * @param ebx configurable bits of EBX
 * @param ecx configurable bits of ECX
 * @param edx configurable bits of EDX
 */
public record CpuidConfig(int leaf, int subleaf, int eax, int ebx, int ecx, int edx) {}
