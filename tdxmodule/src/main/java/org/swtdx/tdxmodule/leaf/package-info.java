/**
 * Host leaves, one class per TDH function named as the ABI names it: check, lock, act, output
 * registers. Knows the state in the sibling packages; nothing outside the module knows a leaf.
 */
package org.swtdx.tdxmodule.leaf;
