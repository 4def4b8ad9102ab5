package org.swtdx.cpu.exec;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;

/** Jcc, with handlers of their own for the frequent conditions. */
final class ConditionalJumps {
  private ConditionalJumps() {}

  /** The handler for condition code {@code cc}. */
  static Handler of(int cc) {
    return switch (cc) {
      case 2 -> new Carry();
      case 3 -> new NoCarry();
      case 4 -> new Zero();
      case 5 -> new NotZero();
      case 6 -> new BelowOrEqual();
      case 7 -> new Above();
      case 12 -> new Less();
      case 13 -> new GreaterOrEqual();
      case 14 -> new LessOrEqual();
      case 15 -> new Greater();
      default -> new Other(cc);
    };
  }

  private abstract static class Jump extends Handler {
    @Override
    public final boolean endsBlock() {
      return true;
    }
  }

  private static final class Other extends Jump {
    private final int cc;

    Other(int cc) {
      this.cc = cc;
    }

    @Override
    public void execute(Core core, Insn insn) {
      if (core.flags.test(cc)) {
        core.rip = insn.immediate;
      }
    }
  }

  private static final class Carry extends Jump {
    @Override
    public void execute(Core core, Insn insn) {
      if (core.flags.cf()) {
        core.rip = insn.immediate;
      }
    }
  }

  private static final class NoCarry extends Jump {
    @Override
    public void execute(Core core, Insn insn) {
      if (!core.flags.cf()) {
        core.rip = insn.immediate;
      }
    }
  }

  private static final class Zero extends Jump {
    @Override
    public void execute(Core core, Insn insn) {
      if (core.flags.zf()) {
        core.rip = insn.immediate;
      }
    }
  }

  private static final class NotZero extends Jump {
    @Override
    public void execute(Core core, Insn insn) {
      if (!core.flags.zf()) {
        core.rip = insn.immediate;
      }
    }
  }

  private static final class BelowOrEqual extends Jump {
    @Override
    public void execute(Core core, Insn insn) {
      if (core.flags.cf() || core.flags.zf()) {
        core.rip = insn.immediate;
      }
    }
  }

  private static final class Above extends Jump {
    @Override
    public void execute(Core core, Insn insn) {
      if (!core.flags.cf() && !core.flags.zf()) {
        core.rip = insn.immediate;
      }
    }
  }

  private static final class Less extends Jump {
    @Override
    public void execute(Core core, Insn insn) {
      if (core.flags.less()) {
        core.rip = insn.immediate;
      }
    }
  }

  private static final class GreaterOrEqual extends Jump {
    @Override
    public void execute(Core core, Insn insn) {
      if (!core.flags.less()) {
        core.rip = insn.immediate;
      }
    }
  }

  private static final class LessOrEqual extends Jump {
    @Override
    public void execute(Core core, Insn insn) {
      if (core.flags.less() || core.flags.zf()) {
        core.rip = insn.immediate;
      }
    }
  }

  private static final class Greater extends Jump {
    @Override
    public void execute(Core core, Insn insn) {
      if (!core.flags.less() && !core.flags.zf()) {
        core.rip = insn.immediate;
      }
    }
  }
}
