package org.swtdx.cpu.exec;

import java.util.Arrays;
import org.swtdx.cpu.core.CodePage;
import org.swtdx.cpu.core.Core;
import org.swtdx.memory.seam.CodeFrame;

/** Recently translated pages of code: the instruction TLB. */
final class CodePages {
  private static final int ENTRIES = 256;

  private final CodePage[] pages = new CodePage[ENTRIES];
  private final int[] epochs = new int[ENTRIES];
  private final long[] tags = new long[ENTRIES];

  CodePages() {
    for (int i = 0; i < ENTRIES; i++) {
      pages[i] = new CodePage();
    }
    clear();
  }

  void clear() {
    Arrays.fill(tags, -1);
  }

  /** Returns the page of {@code linear}, translating anew if need be; valid until the next call. */
  CodePage get(Core core, long linear) {
    long tag = linear & -4096L | (core.cpl == 3 ? 1 : 0);
    int i = (int) (linear >>> 12) & ENTRIES - 1;
    CodePage page = pages[i];
    CodeFrame frame = page.frame;
    if (tags[i] == tag
        && epochs[i] == core.codeEpoch
        && frame != null
        && frame.generation == page.generation) {
      return page;
    }
    tags[i] = -1;
    core.memory.fetch(core, linear, page);
    tags[i] = tag;
    epochs[i] = core.codeEpoch;
    return page;
  }
}
