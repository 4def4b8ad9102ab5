package org.swtdx.seamcall;

import org.swtdx.memory.Hpa;

/**
 * A vCPU's root page (TDVPR).
 *
 * @param hpa its address, 4 KiB aligned
 */
public record TdvprPage(Hpa hpa) implements TdxPage {}
