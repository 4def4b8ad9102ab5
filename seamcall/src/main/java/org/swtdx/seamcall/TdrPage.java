package org.swtdx.seamcall;

import org.swtdx.memory.Hpa;

/**
 * A TD's root page (TDR).
 *
 * @param hpa its address, 4 KiB aligned
 */
public record TdrPage(Hpa hpa) implements TdxPage {}
