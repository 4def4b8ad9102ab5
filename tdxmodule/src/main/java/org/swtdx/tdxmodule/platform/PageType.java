package org.swtdx.tdxmodule.platform;

/** What a physical page is used for, as the PAMT records it and TDH.PHYMEM.PAGE.RDMD reports it. */
public enum PageType {
  /** Not assigned: the host may use it. */
  NDA(0),
  /** In a reserved area of its TDMR: never usable. */
  RSVD(1),
  /** A TD's private memory. */
  REG(3),
  /** A TD root page. */
  TDR(4),
  /** A TDCS page, or a TDVPS page after the first. */
  TDCX(5),
  /** The first TDVPS page: stands for the vCPU. */
  TDVPR(6),
  /** A Secure EPT page. */
  EPT(8);

  private static final PageType[] BY_NUMBER = new PageType[16];

  static {
    java.util.Arrays.fill(BY_NUMBER, NDA);
    for (PageType t : values()) {
      BY_NUMBER[t.number] = t;
    }
  }

  private final int number;

  PageType(int number) {
    this.number = number;
  }

  /** The architectural number. */
  public int number() {
    return number;
  }

  static PageType of(int number) {
    return BY_NUMBER[number & 15];
  }
}
