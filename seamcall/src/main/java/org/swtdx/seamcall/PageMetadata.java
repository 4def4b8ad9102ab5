package org.swtdx.seamcall;

/**
 * What TDH.PHYMEM.PAGE.RDMD and TDH.PHYMEM.PAGE.RECLAIM say about a page.
 *
 * @param status completion status
 * @param type PAMT page type
 * @param owner HPA of the owner's TDR
 * @param size 0 for 4 KiB, 1 for 2 MiB, 2 for 1 GiB
 * @param epoch TLB-tracking epoch at which it was blocked
 */
public record PageMetadata(TdxStatus status, int type, long owner, int size, long epoch) {}
