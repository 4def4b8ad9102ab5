package org.swtdx.kvm;

/**
 * Keeps the TSCs of a VM's vCPUs equal, as Linux's {@code kvm_synchronize_tsc}: user space sets
 * them one after the other and means the same moment.
 */
final class TscSynchronization {
  private int lastKhz;
  private long lastWrite;
  private long lastHost;
  private long offset;
  private boolean setByUser;

  /**
   * The offset of a vCPU whose TSC is set.
   *
   * @param khz its frequency
   * @param host the host's TSC of now at that frequency
   * @param value what the TSC is to be; 0, at a vCPU's creation or from user space, always stands
   *     for what the other vCPUs have
   * @param byUser whether user space sets it
   */
  synchronized long offset(int khz, long host, long value, boolean byUser) {
    boolean same = value == 0 || setByUser && isNear(khz, host, value);
    setByUser |= byUser;
    if (!same || khz != lastKhz) {
      offset = value - host;
    }
    lastKhz = khz;
    lastWrite = value;
    lastHost = host;
    return offset;
  }

  /** Whether a value is within a second of what the last one has become. */
  private boolean isNear(int khz, long host, long value) {
    long expected = lastWrite + (host - lastHost);
    return Math.abs(value - expected) < khz * 1000L;
  }
}
