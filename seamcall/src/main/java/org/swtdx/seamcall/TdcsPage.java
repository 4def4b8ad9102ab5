package org.swtdx.seamcall;

import org.swtdx.memory.Hpa;

/**
 * A page of a TD's control structure (TDCS).
 *
 * @param hpa its address, 4 KiB aligned
 */
public record TdcsPage(Hpa hpa) implements TdxPage {}
