/**
 * What a TD is configured to be and what it therefore sees: TD_PARAMS, the allowed ATTRIBUTES and
 * XFAM bits, CPUID and MSR virtualization. Enters: the host's parameters and the processor's own
 * CPUID. Leaves: immutable per-TD tables. Knows no leaf and no control page.
 */
package org.swtdx.tdxmodule.virt;
