/**
 * TD scope: the TD root (TDR) and the TD control structure (TDCS), their state machines and TLB
 * tracking. Knows no leaf operands.
 */
package org.swtdx.tdxmodule.td;
