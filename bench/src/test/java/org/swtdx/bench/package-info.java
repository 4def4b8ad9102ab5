/** Benchmarks of the layers below the command; {@code bench/jmh} runs them and prints ratios. */
package org.swtdx.bench;
