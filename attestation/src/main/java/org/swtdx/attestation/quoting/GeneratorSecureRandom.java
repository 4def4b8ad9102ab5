package org.swtdx.attestation.quoting;

import java.io.Serial;
import java.security.SecureRandom;
import java.util.random.RandomGenerator;

/** The caller's source of randomness in the type that key generation and signatures ask for. */
final class GeneratorSecureRandom extends SecureRandom {
  @Serial private static final long serialVersionUID = 1;

  private final transient RandomGenerator source;

  GeneratorSecureRandom(RandomGenerator source) {
    this.source = source;
  }

  @Override
  public void nextBytes(byte[] bytes) {
    source.nextBytes(bytes);
  }
}
