package org.swtdx.cpu.decode;

import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;

/** Chooses what executes a decoded instruction, once per decoding. */
@FunctionalInterface
public interface HandlerFactory {
  /**
   * Returns the handler of {@code insn}, whose fields other than {@code handler} are complete and
   * may be adjusted (a folded immediate, a normalised size), or null when this row does not apply:
   * the next row of the same opcode is asked then, and without one the instruction is #UD.
   */
  @Nullable Handler select(Insn insn);
}
