package org.swtdx.memory;

/**
 * A convertible memory range: physical memory that the platform's MCHECK found fit for TDX.
 *
 * @param base first byte, 4 KiB aligned
 * @param size bytes, a multiple of 4 KiB
 */
public record Cmr(Hpa base, long size) {
  /** First byte after the range. */
  public Hpa end() {
    return base.plus(size);
  }
}
