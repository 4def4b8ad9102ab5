package org.swtdx.cpu;

/** How {@link Processor#emulate} ended. */
public enum Emulation {
  /** The instruction (one iteration of a repeated one) or the exception it raised is done. */
  COMPLETED,
  /** A read's value is not known yet; nothing changed. */
  PENDING,
  /** A VM exit happened instead; the exit information says which. */
  EXITED
}
