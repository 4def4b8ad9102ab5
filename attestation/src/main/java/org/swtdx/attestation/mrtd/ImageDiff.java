package org.swtdx.attestation.mrtd;

import static org.swtdx.attestation.tdvf.TdvfSection.PAGE_BYTES;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.attestation.tdvf.TdvfSection;

/**
 * Two firmware images, section by section.
 *
 * @param sections every section of either image
 */
public record ImageDiff(List<SectionDiff> sections) {
  /** Most ranges that one section names; all differing pages are counted. */
  public static final int MOST_RANGES = 8;

  /** Ranges closer than this count as one. */
  private static final int GAP = 16;

  /** Copies the list. */
  public ImageDiff {
    sections = List.copyOf(sections);
  }

  /** What became of a section. */
  public enum Change {
    /** The same place, attributes and contents. */
    SAME,
    /** Other contents in the same place. */
    CONTENTS,
    /** Another address, size or attribute. */
    LAYOUT,
    /** Only the first image has it. */
    REMOVED,
    /** Only the second image has it. */
    ADDED
  }

  /**
   * One section.
   *
   * @param change what became of it
   * @param first the first image's section
   * @param second the second image's section
   * @param pagesDiffering pages with other contents, of those that both have
   * @param bytesDiffering bytes with other contents
   * @param ranges the first ranges of bytes that differ; none if the sections' places differ
   * @param rangeCount number of ranges there are
   */
  public record SectionDiff(
      Change change,
      Optional<TdvfSection> first,
      Optional<TdvfSection> second,
      long pagesDiffering,
      long bytesDiffering,
      List<Range> ranges,
      int rangeCount) {
    /** Copies the list. */
    public SectionDiff {
      ranges = List.copyOf(ranges);
    }

    /** Whether the change gives the images different MRTDs. */
    public boolean changesMrtd() {
      return switch (change) {
        case SAME -> false;
        case CONTENTS -> first.map(TdvfSection::measured).orElse(false);
        case LAYOUT -> adds(first) || adds(second);
        case REMOVED -> adds(first);
        case ADDED -> adds(second);
      };
    }

    private static boolean adds(Optional<TdvfSection> section) {
      return section.map(s -> !s.augmented() && s.pages() > 0).orElse(false);
    }
  }

  /**
   * Bytes that differ.
   *
   * @param gpa guest physical address of the first
   * @param length number of bytes
   */
  public record Range(long gpa, long length) {}

  /**
   * Compares two images. Sections belong together when they have the same type and address, or the
   * same type and place among those of that type.
   */
  public static ImageDiff of(TdvfImage one, TdvfImage two) {
    List<SectionDiff> result = new ArrayList<>();
    List<TdvfSection> rest = new ArrayList<>(two.sections());
    for (TdvfSection section : one.sections()) {
      Optional<TdvfSection> other = partner(section, rest);
      other.ifPresent(rest::remove);
      result.add(
          other
              .map(o -> compare(one, section, two, o))
              .orElseGet(
                  () ->
                      new SectionDiff(
                          Change.REMOVED,
                          Optional.of(section),
                          Optional.empty(),
                          0,
                          0,
                          List.of(),
                          0)));
    }
    for (TdvfSection section : rest) {
      result.add(
          new SectionDiff(
              Change.ADDED, Optional.empty(), Optional.of(section), 0, 0, List.of(), 0));
    }
    return new ImageDiff(result);
  }

  private static Optional<TdvfSection> partner(TdvfSection section, List<TdvfSection> rest) {
    return rest.stream()
        .filter(s -> s.type() == section.type() && s.gpa() == section.gpa())
        .findFirst()
        .or(() -> rest.stream().filter(s -> s.type() == section.type()).findFirst());
  }

  private static SectionDiff compare(TdvfImage one, TdvfSection a, TdvfImage two, TdvfSection b) {
    Contents contents = new Contents(a);
    long pages = Math.min(a.pages(), b.pages());
    byte[] left = new byte[PAGE_BYTES];
    byte[] right = new byte[PAGE_BYTES];
    boolean bytes = a.gpa() == b.gpa() && (a.rawSize() > 0 || b.rawSize() > 0);
    for (long page = 0; page < pages && bytes; page++) {
      one.copyPage(a, page, left, 0);
      two.copyPage(b, page, right, 0);
      contents.page(page, left, right);
    }
    boolean layout =
        a.gpa() != b.gpa()
            || a.memorySize() != b.memorySize()
            || a.attributes() != b.attributes()
            || a.index() != b.index();
    Change change = layout ? Change.LAYOUT : contents.pages > 0 ? Change.CONTENTS : Change.SAME;
    List<Range> ranges = contents.ranges();
    return new SectionDiff(
        change,
        Optional.of(a),
        Optional.of(b),
        contents.pages,
        contents.bytes,
        ranges,
        contents.count);
  }

  /** Counts and locates differing bytes of one section. */
  private static final class Contents {
    private final TdvfSection section;
    private final List<Range> ranges = new ArrayList<>();
    private long pages;
    private long bytes;
    private int count;
    private long start = -1;
    private long last = -1;

    Contents(TdvfSection section) {
      this.section = section;
    }

    void page(long index, byte[] left, byte[] right) {
      long before = bytes;
      for (int i = java.util.Arrays.mismatch(left, right); i >= 0 && i < left.length; i++) {
        if (left[i] != right[i]) {
          at(index * PAGE_BYTES + i);
        }
      }
      pages += bytes > before ? 1 : 0;
    }

    private void at(long offset) {
      bytes++;
      if (start >= 0 && offset - last <= GAP) {
        last = offset;
        return;
      }
      close();
      start = offset;
      last = offset;
    }

    private void close() {
      count += start >= 0 ? 1 : 0;
      if (start >= 0 && ranges.size() < MOST_RANGES) {
        ranges.add(new Range(section.gpa() + start, last - start + 1));
      }
    }

    List<Range> ranges() {
      close();
      start = -1;
      return ranges;
    }
  }
}
