package org.swtdx.cpu.exec;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.GuestFault;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.Decoder;

/** Executes cached blocks of decoded instructions one by one. Serves one core. */
public final class Interpreter implements ExecutionTier {
  private final BlockCache cache = new BlockCache(new Decoder(InstructionSet.table()));

  /** Creates an interpreter with nothing decoded. */
  public Interpreter() {}

  @Override
  public void clear() {
    cache.clear();
  }

  @Override
  public boolean run(Core core) {
    try {
      Block block = cache.find(core);
      // Looked at again here: decoding may have dropped translations that attention completes.
      while (!core.attention) {
        if (execute(core, block)) {
          return true;
        }
        block = successor(core, block);
      }
      return false;
    } catch (GuestFault fetching) {
      core.faultInsn = Insn.NOTHING;
      return true;
    }
  }

  @Override
  public boolean step(Core core) {
    try {
      core.singleStep = true;
      return execute(core, cache.single(core));
    } catch (GuestFault fetching) {
      core.faultInsn = Insn.NOTHING;
      return true;
    } finally {
      core.singleStep = false;
    }
  }

  private Block successor(Core core, Block block) {
    Block next = block.next;
    if (next != null && next.matches(core)) {
      return next;
    }
    Block other = block.otherNext;
    if (other != null && other.matches(core)) {
      return other;
    }
    Block found = cache.find(core);
    block.otherNext = next;
    block.next = found;
    return found;
  }

  /** Executes one block; true when an instruction faulted. */
  private static boolean execute(Core core, Block block) {
    Insn[] code = block.code;
    int i = 0;
    core.rip = block.endRip;
    core.blockLimit = code.length;
    try {
      do {
        Insn insn = code[i];
        insn.handler.execute(core, insn);
        i++;
      } while (i < core.blockLimit);
    } catch (GuestFault fault) {
      core.instructions += i;
      faulted(core, code[i]);
      return true;
    }
    core.instructions += i;
    if (core.blockLimit == 0 && i < code.length) {
      core.rip = code[i].rip;
    }
    return false;
  }

  private static void faulted(Core core, Insn insn) {
    core.rip = insn.rip;
    core.faultInsn = insn;
    if (core.faultNonCanonical && insn.segment == SegmentRegister.SS) {
      core.faultVector = Core.SS;
    }
  }
}
