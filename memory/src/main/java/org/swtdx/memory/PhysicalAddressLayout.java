package org.swtdx.memory;

/**
 * How a physical address is divided: MAXPA, the KeyID bits at its top, and the split of KeyIDs into
 * MKTME (shared) and TDX (private) ones, as IA32_TME_ACTIVATE and IA32_MKTME_KEYID_PARTITIONING
 * report them.
 *
 * @param maxPhysicalAddressBits MAXPHYADDR, for example 52
 * @param keyIdBits number of upper address bits that hold a KeyID
 * @param mktmeKeyIds number of shared KeyIDs, KeyID 0 not counted
 * @param tdxKeyIds number of private KeyIDs; they follow the shared ones
 */
public record PhysicalAddressLayout(
    int maxPhysicalAddressBits, int keyIdBits, int mktmeKeyIds, int tdxKeyIds) {

  /** 52-bit addresses, 6 KeyID bits, 31 shared and 32 private KeyIDs. */
  public static final PhysicalAddressLayout DEFAULT = new PhysicalAddressLayout(52, 6, 31, 32);

  /** Rejects a split that does not fit the KeyID bits. */
  public PhysicalAddressLayout {
    if (maxPhysicalAddressBits < 36 || maxPhysicalAddressBits > 52) {
      throw new IllegalArgumentException("MAXPA must be 36 to 52, not " + maxPhysicalAddressBits);
    }
    if (keyIdBits < 1 || keyIdBits > 15 || mktmeKeyIds < 0 || tdxKeyIds < 1) {
      throw new IllegalArgumentException("a platform with TDX has 1 to 15 KeyID bits");
    }
    if (1 + mktmeKeyIds + tdxKeyIds > 1 << keyIdBits) {
      throw new IllegalArgumentException(
          mktmeKeyIds
              + " MKTME and "
              + tdxKeyIds
              + " TDX KeyIDs need more than "
              + keyIdBits
              + " bits");
    }
  }

  /** Position of the lowest KeyID bit; also the number of bits of an {@link Hpa}. */
  public int keyIdShift() {
    return maxPhysicalAddressBits - keyIdBits;
  }

  /** Returns the physical address that reaches {@code hpaRaw} with {@code keyId}. */
  public long keyed(long hpaRaw, int keyId) {
    return hpaRaw | (long) keyId << keyIdShift();
  }

  /** Returns the KeyID bits of a keyed physical address. */
  public int keyIdOf(long keyedHpa) {
    return (int) (keyedHpa >>> keyIdShift()) & ((1 << keyIdBits) - 1);
  }

  /** Returns a keyed physical address without its KeyID bits. */
  public long hpaOf(long keyedHpa) {
    return keyedHpa & ((1L << keyIdShift()) - 1);
  }

  /** The first private (TDX) KeyID. */
  public int firstTdxKeyId() {
    return 1 + mktmeKeyIds;
  }

  /** Whether {@code keyId} belongs to the TDX range, which only SEAM mode may use. */
  public boolean isTdx(int keyId) {
    return keyId >= firstTdxKeyId() && keyId < firstTdxKeyId() + tdxKeyIds;
  }
}
