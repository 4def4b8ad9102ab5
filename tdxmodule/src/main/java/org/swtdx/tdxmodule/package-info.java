/**
 * The module's entry: dispatches SEAMCALL leaves and provides the SEAMCALL port. Enters: a register
 * file and a logical processor. Leaves: the registers a leaf returns, nothing else.
 */
package org.swtdx.tdxmodule;
