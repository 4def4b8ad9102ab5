package org.swtdx.seamcall;

import org.swtdx.memory.Hpa;

/**
 * A further page of a vCPU's state (TDVPS).
 *
 * @param hpa its address, 4 KiB aligned
 */
public record TdcxPage(Hpa hpa) implements TdxPage {}
