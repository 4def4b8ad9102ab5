package org.swtdx.cpu.seam;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.Platform;

/**
 * The processor's report key: a secret, drawn when the platform is switched on or kept by its
 * owner, under which SEAMREPORT authenticates a REPORTMACSTRUCT (SDM Vol. 3D, SEAMOPS). A report
 * can therefore be verified on the platform that made it and nowhere else. Thread-safe.
 */
public final class ReportKey {
  /** Bytes of a REPORTMACSTRUCT. */
  public static final int STRUCT_SIZE = 256;

  /** Offset of the MAC in a REPORTMACSTRUCT; the MAC covers everything before it. */
  public static final int MAC_OFFSET = 224;

  /** Bytes of the MAC. */
  public static final int MAC_SIZE = 32;

  private static final String ALGORITHM = "HmacSHA256";
  private static volatile @Nullable Function<Platform, ReportKey> access;

  private final SecretKeySpec key;

  /** Draws a key from the platform's entropy. */
  public ReportKey(Environment environment) {
    ByteBuffer bytes = ByteBuffer.allocate(MAC_SIZE);
    while (bytes.hasRemaining()) {
      bytes.putLong(environment.random64());
    }
    key = new SecretKeySpec(bytes.array(), ALGORITHM);
  }

  /** Takes a secret of {@link #MAC_SIZE} bytes that the machine's owner keeps. */
  public ReportKey(byte[] secret) {
    if (secret.length != MAC_SIZE) {
      throw new IllegalArgumentException("a report key has 32 bytes, not " + secret.length);
    }
    key = new SecretKeySpec(secret, ALGORITHM);
  }

  /** Returns the key of {@code platform}. */
  public static ReportKey of(Platform platform) {
    Function<Platform, ReportKey> accessor = access;
    if (accessor == null) {
      throw new IllegalStateException("no platform was created yet");
    }
    return accessor.apply(platform);
  }

  /** Called once by the platform, which alone can reach its key. */
  public static void bind(Function<Platform, ReportKey> accessor) {
    if (access != null) {
      throw new IllegalStateException("the accessor is bound already");
    }
    access = accessor;
  }

  /** Security version of the processor, the CPUSVN field of a report (16 bytes). */
  public byte[] cpuSvn() {
    byte[] svn = new byte[16];
    svn[0] = 1;
    return svn;
  }

  /** Returns the MAC over the first {@link #MAC_OFFSET} bytes of {@code struct}. */
  public byte[] mac(byte[] struct) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(struct, 0, MAC_OFFSET);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform implements " + ALGORITHM, e);
    }
  }

  /** Returns whether {@code struct} (at least 256 bytes) carries the MAC this key gives it. */
  public boolean verify(byte[] struct) {
    return MessageDigest.isEqual(
        mac(struct), Arrays.copyOfRange(struct, MAC_OFFSET, MAC_OFFSET + MAC_SIZE));
  }
}
