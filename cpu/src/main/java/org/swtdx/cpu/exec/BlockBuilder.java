package org.swtdx.cpu.exec;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.CodePage;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.GuestFault;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.CodeReader;
import org.swtdx.cpu.decode.Decoder;
import org.swtdx.memory.seam.NativeAccess;

/** Decodes the block at a core's RIP. */
final class BlockBuilder implements CodeReader {
  private static final int MAX_INSNS = 64;
  private static final int MAX_BYTES = MAX_INSNS * 15;

  private final Decoder decoder;
  private final CodePages pages;
  private final Insn[] insns = new Insn[MAX_INSNS];
  private final byte[] bytes = new byte[MAX_BYTES];
  private final CodePage first = new CodePage();
  private final CodePage second = new CodePage();

  private @Nullable Core core;
  private long start;
  private int offset;
  private boolean usesSecond;
  private boolean haveSecond;

  BlockBuilder(Decoder decoder, CodePages pages) {
    this.decoder = decoder;
    this.pages = pages;
  }

  /** Decodes at most {@code limit} instructions; faults when the first cannot be fetched. */
  Block build(Core target, int limit) {
    core = target;
    long rip = target.rip;
    start = linear(target, rip);
    offset = 0;
    usesSecond = false;
    haveSecond = false;
    copy(pages.get(target, start), first);
    boolean real = (target.cr0 & Core.CR0_PE) == 0 || (target.flags.control & Flags.VM) != 0;
    int count = 0;
    int max = Math.min(limit, MAX_INSNS);
    while (count < max) {
      Insn insn;
      boolean secondBefore = usesSecond;
      try {
        insn = decoder.decode(this, rip, target.codeSize, real);
      } catch (GuestFault fault) {
        if (count == 0) {
          throw fault;
        }
        usesSecond = secondBefore;
        break;
      }
      insns[count++] = insn;
      offset += insn.length;
      rip = insn.nextRip();
      if (insn.handler.endsBlock()
          || offset >= pageEnd()
          || rip < insn.rip
          || first.shared && mayStore(insn)) {
        break;
      }
    }
    CodePage last = usesSecond ? second : first;
    return new Block(
        target, Arrays.copyOf(insns, count), Arrays.copyOf(bytes, offset), start, first, last);
  }

  /** Whether an instruction might write memory; branches end a block anyway. */
  private static boolean mayStore(Insn insn) {
    if (insn.memory) {
      return true;
    }
    return switch (insn.map) {
      case 0 ->
          switch (insn.opcode) {
            case 0x06, 0x0e, 0x16, 0x1e, 0x60, 0x68, 0x6a, 0x6c, 0x6d, 0x9c, 0xc8, 0xff -> true;
            case 0xa4, 0xa5, 0xaa, 0xab -> true;
            default -> (insn.opcode & 0xf8) == 0x50;
          };
      case 1 -> insn.opcode == 0xa0 || insn.opcode == 0xa8 || insn.opcode == 0xf7;
      default -> false;
    };
  }

  /** Offset from the start at which a new block must begin. */
  private long pageEnd() {
    return 4096 - (start & 4095);
  }

  static long linear(Core core, long rip) {
    long linear = rip + core.effectiveBase[SegmentRegister.CS];
    return core.code64 ? linear : linear & 0xffffffffL;
  }

  @Override
  public int byteAt(int position) {
    Core target = core;
    if (target == null) {
      throw new IllegalStateException("no block is being built");
    }
    int at = offset + position;
    if (!target.code64) {
      checkLimit(target, at);
    }
    long inPage = (start & 4095) + at;
    int value;
    if (inPage < 4096) {
      value = NativeAccess.load8(first.nativeAddress + inPage);
    } else {
      if (!haveSecond) {
        long next = (start & -4096L) + 4096;
        copy(pages.get(target, target.code64 ? next : next & 0xffffffffL), second);
        haveSecond = true;
      }
      usesSecond = true;
      value = NativeAccess.load8(second.nativeAddress + inPage - 4096);
    }
    bytes[at] = (byte) value;
    return value;
  }

  private void checkLimit(Core target, int at) {
    long rip = target.rip + at;
    if (rip > (target.segmentLimit[SegmentRegister.CS] & 0xffffffffL)) {
      throw target.raise(Core.GP, 0);
    }
  }

  private static void copy(CodePage from, CodePage to) {
    to.linear = from.linear;
    to.keyedHpa = from.keyedHpa;
    to.nativeAddress = from.nativeAddress;
    to.frame = from.frame;
    to.generation = from.generation;
    to.shared = from.shared;
  }
}
