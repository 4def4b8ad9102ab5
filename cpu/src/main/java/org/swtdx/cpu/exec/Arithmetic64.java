package org.swtdx.cpu.exec;

import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;

/**
 * The 64-bit forms of the common two-operand instructions: register destination (the source being a
 * register or an immediate, of which the other is zero), loads and stores.
 */
final class Arithmetic64 {
  private Arithmetic64() {}

  private static final Handler[][] FORMS = {
    {new Add(), new AddLoad(), new AddStore()},
    {new Or(), new OrLoad(), new OrStore()},
    {new And(), new AndLoad(), new AndStore()},
    {new Sub(), new SubLoad(), new SubStore()},
    {new Xor(), new XorLoad(), new XorStore()},
    {new Cmp(), new CmpLoad(), new CmpStore()},
    {new Test(), new TestLoad(), new TestStore()},
  };

  /** The handler of a form, or null when it has none of its own. */
  static @Nullable Handler select(int operation, boolean load, boolean store) {
    int row =
        switch (operation) {
          case Alu.ADD -> 0;
          case Alu.OR -> 1;
          case Alu.AND -> 2;
          case Alu.SUB -> 3;
          case Alu.XOR -> 4;
          case Alu.CMP -> 5;
          case Alu.TEST -> 6;
          default -> -1;
        };
    return row < 0 ? null : FORMS[row][load ? 1 : store ? 2 : 0];
  }

  private static final class Add extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long b = core.gpr[insn.source] + insn.immediate;
      long r = a + b;
      core.gpr[insn.target] = r;
      core.flags.add(a, b, r);
    }
  }

  private static final class AddLoad extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long b = core.load64(core.address(insn, 8, false));
      long r = a + b;
      core.gpr[insn.target] = r;
      core.flags.add(a, b, r);
    }
  }

  private static final class AddStore extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long linear = core.address(insn, 8, true);
      long a = core.loadForUpdate(linear, 8);
      long b = core.gpr[insn.source] + insn.immediate;
      long r = a + b;
      core.store64(linear, r);
      core.flags.add(a, b, r);
    }
  }

  private static final class Or extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long b = core.gpr[insn.source] + insn.immediate;
      long r = a | b;
      core.gpr[insn.target] = r;
      core.flags.logic(r);
    }
  }

  private static final class OrLoad extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long b = core.load64(core.address(insn, 8, false));
      long r = a | b;
      core.gpr[insn.target] = r;
      core.flags.logic(r);
    }
  }

  private static final class OrStore extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long linear = core.address(insn, 8, true);
      long a = core.loadForUpdate(linear, 8);
      long b = core.gpr[insn.source] + insn.immediate;
      long r = a | b;
      core.store64(linear, r);
      core.flags.logic(r);
    }
  }

  private static final class And extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long b = core.gpr[insn.source] + insn.immediate;
      long r = a & b;
      core.gpr[insn.target] = r;
      core.flags.logic(r);
    }
  }

  private static final class AndLoad extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long b = core.load64(core.address(insn, 8, false));
      long r = a & b;
      core.gpr[insn.target] = r;
      core.flags.logic(r);
    }
  }

  private static final class AndStore extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long linear = core.address(insn, 8, true);
      long a = core.loadForUpdate(linear, 8);
      long b = core.gpr[insn.source] + insn.immediate;
      long r = a & b;
      core.store64(linear, r);
      core.flags.logic(r);
    }
  }

  private static final class Sub extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long b = core.gpr[insn.source] + insn.immediate;
      long r = a - b;
      core.gpr[insn.target] = r;
      core.flags.subtract(a, b, r);
    }
  }

  private static final class SubLoad extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long b = core.load64(core.address(insn, 8, false));
      long r = a - b;
      core.gpr[insn.target] = r;
      core.flags.subtract(a, b, r);
    }
  }

  private static final class SubStore extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long linear = core.address(insn, 8, true);
      long a = core.loadForUpdate(linear, 8);
      long b = core.gpr[insn.source] + insn.immediate;
      long r = a - b;
      core.store64(linear, r);
      core.flags.subtract(a, b, r);
    }
  }

  private static final class Xor extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long b = core.gpr[insn.source] + insn.immediate;
      long r = a ^ b;
      core.gpr[insn.target] = r;
      core.flags.logic(r);
    }
  }

  private static final class XorLoad extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long b = core.load64(core.address(insn, 8, false));
      long r = a ^ b;
      core.gpr[insn.target] = r;
      core.flags.logic(r);
    }
  }

  private static final class XorStore extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long linear = core.address(insn, 8, true);
      long a = core.loadForUpdate(linear, 8);
      long b = core.gpr[insn.source] + insn.immediate;
      long r = a ^ b;
      core.store64(linear, r);
      core.flags.logic(r);
    }
  }

  private static final class Cmp extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long b = core.gpr[insn.source] + insn.immediate;
      long r = a - b;
      core.flags.subtract(a, b, r);
    }
  }

  private static final class CmpLoad extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long b = core.load64(core.address(insn, 8, false));
      long r = a - b;
      core.flags.subtract(a, b, r);
    }
  }

  private static final class CmpStore extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.load64(core.address(insn, 8, false));
      long b = core.gpr[insn.source] + insn.immediate;
      long r = a - b;
      core.flags.subtract(a, b, r);
    }
  }

  private static final class Test extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long b = core.gpr[insn.source] + insn.immediate;
      long r = a & b;
      core.flags.logic(r);
    }
  }

  private static final class TestLoad extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long b = core.load64(core.address(insn, 8, false));
      long r = a & b;
      core.flags.logic(r);
    }
  }

  private static final class TestStore extends Handler {
    @Override
    public void execute(Core core, Insn insn) {
      long a = core.load64(core.address(insn, 8, false));
      long b = core.gpr[insn.source] + insn.immediate;
      long r = a & b;
      core.flags.logic(r);
    }
  }
}
