package org.swtdx.memory.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.seam.MachineCheckException;

/**
 * The key table of the memory encryption engine. Each KeyID has had one ephemeral key per
 * generation; all of them are kept, because DRAM still holds what was encrypted with the old ones.
 */
final class Keys {
  private static final VarHandle DOMAINS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int KEY_BYTES = 32;
  private static final int KEY_ID = 0xffff;
  private static final int GENERATION_SHIFT = 16;

  private final PhysicalAddressLayout layout;
  private final RandomGenerator entropy;
  private final List<List<Key>> keys = new ArrayList<>();
  private final long[] domains;

  /** Draws the first key of each KeyID in ascending order; {@link #program} draws one more. */
  Keys(PhysicalAddressLayout layout, RandomGenerator entropy) {
    this.layout = layout;
    this.entropy = entropy;
    this.domains = new long[1 << layout.keyIdBits()];
    keys.add(List.of());
    for (int keyId = 1; keyId < domains.length; keyId++) {
      domains[keyId] = keyId;
      keys.add(new ArrayList<>(List.of(freshKey())));
    }
  }

  /** The domain that a line written with {@code keyId} now belongs to. */
  long domain(int keyId) {
    return (long) DOMAINS.getAcquire(domains, keyId);
  }

  /** Begins the next generation of a KeyID and returns the domain that ends with it. */
  synchronized long program(int keyId) {
    if (keyId <= 0 || keyId >= domains.length) {
      throw new IllegalArgumentException("KeyID " + keyId + " has no programmable key");
    }
    long old = domains[keyId];
    keys.get(keyId).add(freshKey());
    DOMAINS.setVolatile(domains, keyId, old + (1L << GENERATION_SHIFT) & Frames.DOMAIN);
    return old;
  }

  /**
   * Turns the plaintext of a line into what another domain's key makes of its ciphertext. KeyID 0
   * is not encrypted, so the host sees the ciphertext itself, and an MKTME KeyID sees that
   * ciphertext decrypted with a key that did not make it.
   *
   * @throws MachineCheckException when {@code reader} is a TDX KeyID, whose reads are checked
   */
  void look(long owner, int reader, long hpaRaw, byte[] line) {
    if (layout.isTdx(reader)) {
      throw MachineCheckException.INSTANCE;
    }
    long unit = hpaRaw >>> 6;
    if ((owner & KEY_ID) != 0) {
      key(owner).apply(AesXts::encrypt, unit, line);
    }
    if (reader != 0) {
      key(domain(reader)).apply(AesXts::decrypt, unit, line);
    }
  }

  private synchronized Key key(long domain) {
    return keys.get((int) (domain & KEY_ID)).get((int) (domain >>> GENERATION_SHIFT));
  }

  private Key freshKey() {
    byte[] material = new byte[KEY_BYTES];
    entropy.nextBytes(material);
    return new Key(material);
  }

  private interface Operation {
    void apply(AesXts cipher, long unit, byte[] line);
  }

  /** A key and, once it was needed, its cipher. */
  private static final class Key {
    private final byte[] material;
    private @Nullable AesXts cipher;

    Key(byte[] material) {
      this.material = material;
    }

    synchronized void apply(Operation operation, long unit, byte[] line) {
      AesXts ready = cipher;
      if (ready == null) {
        ready = new AesXts(material);
        cipher = ready;
      }
      operation.apply(ready, unit, line);
    }
  }
}
