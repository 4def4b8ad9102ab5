package org.swtdx.cpu.core;

import org.jspecify.annotations.Nullable;
import org.swtdx.memory.seam.CodeFrame;

/** A translated page of code, filled in by {@link MemoryPort#fetch}. */
public final class CodePage {
  /** Linear address of its first byte. */
  public long linear;

  /** Host physical address of its first byte, KeyID included. */
  public long keyedHpa;

  /** Native address of its first byte, readable until the frame is invalidated. */
  public long nativeAddress;

  /** Its generation counter; null when code from it must not be cached. */
  public @Nullable CodeFrame frame;

  /** The generation read before any of its bytes. */
  public int generation;

  /**
   * Set by the executor before {@link MemoryPort#fetch}: leave the frame unmarked, since code and
   * data share it; whoever uses its code compares the bytes each time.
   */
  public boolean shared;

  /** Creates a record that {@link MemoryPort#fetch} fills in. */
  public CodePage() {}
}
