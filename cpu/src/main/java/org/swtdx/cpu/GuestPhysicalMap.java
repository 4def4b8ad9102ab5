package org.swtdx.cpu;

/**
 * Second-level translation, as a processor uses it at TLB fills: EPT for an ordinary VM, Secure EPT
 * plus shared EPT for a TD. Thread-safe.
 */
public interface GuestPhysicalMap {
  /** Access bit: data read. */
  int READ = 1;

  /** Access bit: data write. */
  int WRITE = 2;

  /** Access bit: instruction fetch. */
  int EXECUTE = 4;

  /** Result when there is no translation. */
  long FAULT = -1;

  /**
   * Translates the guest physical address of one byte.
   *
   * @param gpaRaw guest physical address, below 2^52
   * @param access {@link #READ}, {@link #WRITE} or {@link #EXECUTE}
   * @param fault filled in when the result is {@link #FAULT}
   * @return the keyed host physical address of the byte, valid for its whole 4 KiB page
   */
  long translate(long gpaRaw, int access, EptFault fault);
}
