package org.swtdx.exec;

/**
 * What is taken of a host and not given back.
 *
 * @param frames 4 KiB frames
 * @param keyIds private KeyIDs
 */
public record HostUse(long frames, int keyIds) {
  /** Whether nothing is taken. */
  public boolean isNone() {
    return frames == 0 && keyIds == 0;
  }
}
