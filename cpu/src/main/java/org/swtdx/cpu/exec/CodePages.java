package org.swtdx.cpu.exec;

import java.util.Arrays;
import org.swtdx.cpu.core.CodePage;
import org.swtdx.cpu.core.Core;
import org.swtdx.memory.seam.CodeFrame;

/**
 * Recently translated pages of code: the instruction TLB. A page that is written again and again
 * while code runs from it is taken as shared by code and data.
 */
final class CodePages {
  private static final int ENTRIES = 256;
  private static final int MANY_WRITES = 16;

  private final CodePage[] pages = new CodePage[ENTRIES];
  private final int[] epochs = new int[ENTRIES];
  private final long[] tags = new long[ENTRIES];
  private final boolean[] valid = new boolean[ENTRIES];
  private final int[] writes = new int[ENTRIES];

  CodePages() {
    for (int i = 0; i < ENTRIES; i++) {
      pages[i] = new CodePage();
    }
    Arrays.fill(tags, -1);
  }

  void clear() {
    Arrays.fill(valid, false);
  }

  /** Returns the page of {@code linear}, translating anew if need be; valid until the next call. */
  CodePage get(Core core, long linear) {
    long tag = linear & -4096L | (core.cpl == 3 ? 1 : 0);
    int i = (int) (linear >>> 12) & ENTRIES - 1;
    CodePage page = pages[i];
    CodeFrame frame = page.frame;
    boolean known = valid[i] && tags[i] == tag;
    boolean written = frame != null && frame.generation != page.generation;
    if (known && epochs[i] == core.codeEpoch && frame != null && !written) {
      return page;
    }
    if (tags[i] != tag) {
      tags[i] = tag;
      writes[i] = 0;
      page.shared = false;
    } else if (known && written) {
      page.shared = ++writes[i] > MANY_WRITES;
    }
    valid[i] = false;
    core.memory.fetch(core, linear, page);
    valid[i] = true;
    epochs[i] = core.codeEpoch;
    core.codePages[(int) (linear >>> 18) & 63] |= 1L << (linear >>> 12);
    return page;
  }
}
