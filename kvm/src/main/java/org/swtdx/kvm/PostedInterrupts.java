package org.swtdx.kvm;

import org.swtdx.memory.HostView;
import org.swtdx.memory.Hpa;

/**
 * A posted-interrupt descriptor in host memory, SDM Vol. 3C 31.6: 256 request bits, then ON (bit
 * 256), SN (257), the notification vector (279:272) and destination (319:288).
 */
final class PostedInterrupts {
  /** The vector that makes a processor look at its guest's descriptor. */
  static final int NOTIFICATION_VECTOR = 0xf2;

  private static final int CONTROL = 32;
  private static final long OUTSTANDING = 1;

  private final HostView host;
  private final Hpa frame;
  private final Hpa[] words = new Hpa[4];
  private final Hpa control;

  PostedInterrupts(HostView host, Hpa frame) {
    this.host = host;
    this.frame = frame;
    for (int i = 0; i < words.length; i++) {
      words[i] = frame.plus(8L * i);
    }
    control = frame.plus(CONTROL);
    host.write8(frame.plus(34), NOTIFICATION_VECTOR);
  }

  Hpa address() {
    return frame;
  }

  /** Posts {@code vector}; returns whether a notification is due. */
  boolean post(int vector) {
    long old = host.getAndOr64(words[vector >>> 6], 1L << vector);
    if ((old & 1L << vector) != 0 && outstanding()) {
      return false;
    }
    return (host.getAndOr64(control, OUTSTANDING) & OUTSTANDING) == 0;
  }

  /** Whether a notification was sent, or is due, and not yet processed. */
  boolean outstanding() {
    return (host.read64(control) & OUTSTANDING) != 0;
  }

  /** Whether any request is posted. */
  boolean pending() {
    for (Hpa word : words) {
      if (host.read64(word) != 0) {
        return true;
      }
    }
    return false;
  }
}
