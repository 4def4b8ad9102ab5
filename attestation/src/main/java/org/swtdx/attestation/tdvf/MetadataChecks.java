package org.swtdx.attestation.tdvf;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.attestation.tdvf.TdvfException.Problem;
import org.swtdx.attestation.tdvf.TdvfImage.RawSection;

/** The rules that sections of TDVF metadata keep, each with its message. */
final class MetadataChecks {
  private static final long ADDRESS_LIMIT = 1L << 52;
  private static final long MOST_ADDED = 1L << 32;
  private static final int KNOWN_ATTRIBUTES =
      TdvfSection.ATTRIBUTE_MR_EXTEND | TdvfSection.ATTRIBUTE_PAGE_AUG;
  private static final String REBUILD = "rebuild the firmware or get an intact copy";

  private MetadataChecks() {}

  static List<TdvfSection> check(List<RawSection> raw) throws TdvfException {
    List<TdvfSection> sections = new ArrayList<>();
    for (RawSection section : raw) {
      sections.add(checkOne(section));
    }
    checkPresence(sections);
    checkOverlap(sections);
    return List.copyOf(sections);
  }

  private static TdvfSection checkOne(RawSection raw) throws TdvfException {
    SectionType type = SectionType.ofCode(raw.type());
    if (type == null) {
      throw new TdvfException(
          Problem.BROKEN_SECTION,
          "section " + raw.index() + " has unknown type " + Integer.toUnsignedString(raw.type()),
          "use firmware that follows the TDVF Design Guide");
    }
    TdvfSection section =
        new TdvfSection(
            raw.index(),
            type,
            raw.dataOffset(),
            raw.rawSize(),
            raw.gpa(),
            raw.memorySize(),
            raw.attributes());
    checkAddress(section);
    checkContents(section);
    return section;
  }

  private static void checkAddress(TdvfSection section) throws TdvfException {
    String name = section.describe();
    if (section.gpa() % TdvfSection.PAGE_BYTES != 0) {
      throw new TdvfException(
          Problem.MISALIGNED,
          name + " has address 0x" + Long.toHexString(section.gpa()) + ", not 4 KiB aligned",
          REBUILD);
    }
    if (section.memorySize() % TdvfSection.PAGE_BYTES != 0) {
      throw new TdvfException(
          Problem.MISALIGNED,
          name + " has size 0x" + Long.toHexString(section.memorySize()) + ", not 4 KiB aligned",
          REBUILD);
    }
    boolean beyond =
        Long.compareUnsigned(section.gpa(), ADDRESS_LIMIT) >= 0
            || Long.compareUnsigned(section.memorySize(), ADDRESS_LIMIT - section.gpa()) > 0;
    if (beyond) {
      throw broken(
          "%s at 0x%x with size 0x%x exceeds the physical address space"
              .formatted(name, section.gpa(), section.memorySize()));
    }
    if (!section.augmented() && section.memorySize() > MOST_ADDED) {
      throw broken(
          "%s has 0x%x bytes to be added at build time, above 4 GiB"
              .formatted(name, section.memorySize()));
    }
    if (section.type().hasMemory() && section.memorySize() == 0) {
      throw broken(name + " has no memory");
    }
    if (!section.type().hasMemory() && section.memorySize() != 0) {
      throw broken(name + " claims guest memory, which its type has none of");
    }
  }

  private static void checkContents(TdvfSection section) throws TdvfException {
    String name = section.describe();
    if (section.type().needsRawData() && section.rawSize() == 0) {
      throw broken(name + " has no contents in the image");
    }
    if (section.type().forbidsRawData() && section.rawSize() != 0) {
      throw broken(name + " has contents in the image, which its type must not have");
    }
    if (section.type().hasMemory() && section.rawSize() > section.memorySize()) {
      throw broken(
          "%s has 0x%x bytes of contents for 0x%x bytes of memory"
              .formatted(name, section.rawSize(), section.memorySize()));
    }
    if ((section.attributes() & ~KNOWN_ATTRIBUTES) != 0) {
      throw broken(name + " has unknown attributes 0x" + Integer.toHexString(section.attributes()));
    }
    if (section.augmented() && (section.attributes() & TdvfSection.ATTRIBUTE_MR_EXTEND) != 0) {
      throw broken(name + " is to be measured and to be added after measurement");
    }
    if (section.augmented() && section.rawSize() != 0) {
      throw broken(name + " has contents but is to be added after measurement");
    }
  }

  private static void checkPresence(List<TdvfSection> sections) throws TdvfException {
    long hobs = sections.stream().filter(s -> s.type() == SectionType.TD_HOB).count();
    if (hobs != 1) {
      throw new TdvfException(
          Problem.NO_TD_HOB,
          "TDVF metadata has " + (hobs == 0 ? "no" : String.valueOf(hobs)) + " TD_HOB section",
          "use firmware with exactly one");
    }
    if (sections.stream().noneMatch(s -> s.type() == SectionType.BFV)) {
      throw new TdvfException(
          Problem.NO_BFV, "TDVF metadata has no BFV section", "use firmware with boot code");
    }
  }

  private static void checkOverlap(List<TdvfSection> sections) throws TdvfException {
    for (TdvfSection a : sections) {
      for (TdvfSection b : sections) {
        if (a.index() < b.index() && a.gpa() < b.end() && b.gpa() < a.end()) {
          throw new TdvfException(
              Problem.OVERLAP,
              "%s and %s overlap at 0x%x"
                  .formatted(a.describe(), b.describe(), Math.max(a.gpa(), b.gpa())),
              REBUILD);
        }
      }
    }
  }

  private static TdvfException broken(String reason) {
    return new TdvfException(Problem.BROKEN_SECTION, reason, REBUILD);
  }
}
