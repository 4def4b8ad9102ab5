/**
 * Fuzz targets. With the tests each runs its seeds and a short reproducible random run; {@code
 * scripts/fuzz} fuzzes one guided by coverage. A finding is kept as an input beside the target's
 * seeds and so becomes a regression test.
 */
@org.jspecify.annotations.NullMarked
package org.swtdx.fuzz;
