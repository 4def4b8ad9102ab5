package org.swtdx.vmm;

/**
 * What a TD is created with.
 *
 * @param attributes TD ATTRIBUTES, see {@link TdAttributes}
 * @param mrConfigId MRCONFIGID
 * @param mrOwner MROWNER
 * @param mrOwnerConfig MROWNERCONFIG
 */
public record TdParameters(
    long attributes, Digest384 mrConfigId, Digest384 mrOwner, Digest384 mrOwnerConfig) {
  /** SEPT_VE_DISABLE and zero identities. */
  public static final TdParameters DEFAULT =
      new TdParameters(
          TdAttributes.SEPT_VE_DISABLE, Digest384.ZERO, Digest384.ZERO, Digest384.ZERO);
}
