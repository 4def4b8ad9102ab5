package org.swtdx.exec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What one program of several may take of that which all have in common. Beyond it the program is
 * told that memory is exhausted, that no KeyID is left, or that it has too many files open.
 *
 * @param frames 4 KiB frames of the platform
 * @param keyIds private KeyIDs: TDs at once
 * @param files files of KVM's open at once
 */
public record LendingBounds(long frames, int keyIds, int files) {
  private static final int FILES = 4096;

  /** At least one of each. */
  public LendingBounds {
    if (frames < 1 || keyIds < 1 || files < 1) {
      throw new IllegalArgumentException(frames + " frames, " + keyIds + " KeyIDs, " + files);
    }
  }

  /** An eighth of the descriptors that this process may have; each file of KVM's takes one. */
  public static int filesByDefault() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
        if (line.startsWith("Max open files")) {
          String soft = line.substring("Max open files".length()).trim().split(" +", 2)[0];
          return (int) Math.min(1 << 20, Math.max(64, Long.parseLong(soft) / 8));
        }
      }
    } catch (IOException | NumberFormatException e) {
      return FILES; // no /proc, or no limit
    }
    return FILES;
  }
}
