/** Runs code snippets on a core with flat memory of its own, without a platform around it. */
@org.jspecify.annotations.NullMarked
package org.swtdx.cpu.testkit;
