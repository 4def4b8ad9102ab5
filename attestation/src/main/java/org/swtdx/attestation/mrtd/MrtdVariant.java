package org.swtdx.attestation.mrtd;

import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.swtdx.attestation.tdvf.TdvfImage;

/** Ways in which VMMs and kernels have built the same image, each with an MRTD of its own. */
public enum MrtdVariant {
  /** Upstream Linux: each page is added and then measured. */
  KVM("each page added and then measured, as upstream Linux does", MeasurementOrder.KVM, false),
  /** Early out-of-tree kernels: a section's pages are all added, then all measured. */
  TWO_PASS(
      "all pages of a section added, then all measured, as early out-of-tree kernels did",
      MeasurementOrder.TWO_PASS,
      false),
  /** Every section measured, whatever its attributes, in KVM's order. */
  ALL_MEASURED(
      "the contents of every section measured, also of those that don't ask for it",
      MeasurementOrder.KVM,
      true),
  /** Every section measured, whatever its attributes, in the old order. */
  ALL_MEASURED_TWO_PASS(
      "the contents of every section measured, section by section in two passes",
      MeasurementOrder.TWO_PASS,
      true);

  private final String description;
  private final MeasurementOrder order;
  private final boolean all;

  MrtdVariant(String description, MeasurementOrder order, boolean all) {
    this.description = description;
    this.order = order;
    this.all = all;
  }

  /** What it does, in words. */
  public String description() {
    return description;
  }

  /** The MRTD of an image built this way, in hexadecimal. The TD HOB counts as zeros. */
  public String mrtd(TdvfImage image) {
    return HexFormat.of().formatHex(MrtdCalculator.mrtd(image, order, all));
  }

  /** All variants' MRTDs of an image. */
  public static Map<MrtdVariant, String> all(TdvfImage image) {
    Map<MrtdVariant, String> values = new EnumMap<>(MrtdVariant.class);
    for (MrtdVariant variant : values()) {
      values.put(variant, variant.mrtd(image));
    }
    return values;
  }

  /**
   * Finds the variant that gives an image a known MRTD.
   *
   * @param image the firmware
   * @param mrtd the value found somewhere, 96 lower-case hexadecimal digits
   */
  public static Optional<MrtdVariant> explaining(TdvfImage image, String mrtd) {
    return all(image).entrySet().stream()
        .filter(e -> e.getValue().equals(mrtd))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
