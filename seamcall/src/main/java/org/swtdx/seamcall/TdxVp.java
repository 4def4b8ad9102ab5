package org.swtdx.seamcall;

import java.util.List;

/**
 * A TD's vCPU as the host knows it: the pages it gave for it.
 *
 * @param tdvpr root page
 * @param tdcx further pages, in the order in which they are added
 */
public record TdxVp(TdvprPage tdvpr, List<TdcxPage> tdcx) {}
