/**
 * The source of the embedded TD, written with {@link org.swtdx.embedded.assembler}: it starts at
 * the reset vector, enters long mode, accepts memory, talks to the console through TDVMCALL, shares
 * a buffer with the host, extends a measurement register, takes a TDREPORT, gets a quote, prints
 * both, and powers off. One class per part; all of them append to one assembler.
 */
package org.swtdx.embedded.program;
