/**
 * Typed wrappers for the TDH.* leaves: TDs, vCPUs and pages of each role are types of their own,
 * status is a type with class, code and operand, out-operands have names. Retry rules, the KeyID
 * pool, module bring-up and the cache-flush rule live here and nowhere above.
 */
package org.swtdx.seamcall;
