package org.swtdx.attestation.x509;

import java.io.Serial;
import org.swtdx.attestation.text.Printable;

/** Bytes that are no certificate, chain or list of the kind they have to be. */
public final class CertificateFormatException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** Creates the exception with a sentence for a person. */
  public CertificateFormatException(String message) {
    super(Printable.clean(message));
  }

  /** As {@link #CertificateFormatException(String)}, with what was found out by. */
  public CertificateFormatException(String message, Throwable cause) {
    super(Printable.clean(message), cause);
  }
}
