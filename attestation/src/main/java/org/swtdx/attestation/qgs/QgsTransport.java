package org.swtdx.attestation.qgs;

import java.io.IOException;

/** Brings a message to a service and its answer back. */
@FunctionalInterface
public interface QgsTransport {
  /**
   * Sends a message and waits for the answer.
   *
   * @throws IOException when there is no service or no whole answer
   */
  byte[] exchange(byte[] message) throws IOException;
}
