/**
 * What leaves answer: completion status codes, the operand ids in their details, and the refusal
 * that carries one out of a check.
 */
package org.swtdx.tdxmodule.status;
