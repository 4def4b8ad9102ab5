package org.swtdx.seamcall;

import org.swtdx.memory.Hpa;

/**
 * A page of a TD's private memory.
 *
 * @param hpa its address, 4 KiB aligned
 */
public record GuestPage(Hpa hpa) implements TdxPage {}
