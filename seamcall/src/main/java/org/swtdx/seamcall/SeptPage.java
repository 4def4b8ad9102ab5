package org.swtdx.seamcall;

import org.swtdx.memory.Hpa;

/**
 * A Secure EPT table.
 *
 * @param hpa its address, 4 KiB aligned
 */
public record SeptPage(Hpa hpa) implements TdxPage {}
