package org.swtdx.embedded.program;

/** Where everything is in the TD's address space. */
public final class AddressMap {
  /** Size of the image, in bytes. */
  public static final int IMAGE_SIZE = 64 << 10;

  /** The image: the last bytes below 4 GiB. */
  public static final long IMAGE = (1L << 32) - IMAGE_SIZE;

  /** The TD HOB that the VMM writes; not measured, so nothing in it is believed without a check. */
  public static final int HOB = 0x809000;

  /** Room for the TD HOB. */
  public static final int HOB_SIZE = 0x2000;

  /** Memory that is there from the start: page tables, stack, variables. */
  public static final int WORK = 0x810000;

  /** Size of {@link #WORK}. */
  public static final int WORK_SIZE = 0x14000;

  /** GiB of addresses that the page tables map. */
  static final int MAPPED_GIB = 4;

  static final int PML4 = WORK;
  static final int PRIVATE_PDPT = WORK + 0x1000;
  static final int SHARED_PDPT = WORK + 0x2000;
  static final int PRIVATE_DIRECTORIES = WORK + 0x3000;
  static final int SHARED_DIRECTORIES = PRIVATE_DIRECTORIES + MAPPED_GIB * 0x1000;
  static final int STACK_TOP = WORK + 0xf000;

  /** TDREPORT (1024 bytes). */
  static final int REPORT = WORK + 0x10000;

  /** REPORTDATA (64 bytes). */
  static final int REPORT_DATA = WORK + 0x11000;

  /** What the RTMR is extended with (48 bytes). */
  static final int RTMR_DATA = WORK + 0x11040;

  /** What LIDT loads (10 bytes). */
  static final int IDT_POINTER = WORK + 0x11080;

  /** Interrupt descriptors, of which one is used. */
  static final int IDT = WORK + 0x13000;

  /** First of the program's variables. */
  static final int VARIABLES = WORK + 0x12000;

  /** Where shared memory is mapped: this plus its guest physical address. */
  static final long SHARED_ALIAS = 1L << 39;

  /** Bytes of the buffer that is shared with the host. */
  static final int SHARED_SIZE = 0x8000;

  private AddressMap() {}
}
