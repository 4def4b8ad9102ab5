package org.swtdx.embedded.program;

import static org.swtdx.embedded.assembler.Register.R10;
import static org.swtdx.embedded.assembler.Register.R11;
import static org.swtdx.embedded.assembler.Register.R12;
import static org.swtdx.embedded.assembler.Register.R13;
import static org.swtdx.embedded.assembler.Register.R14;
import static org.swtdx.embedded.assembler.Register.R15;
import static org.swtdx.embedded.assembler.Register.RAX;
import static org.swtdx.embedded.assembler.Register.RBP;
import static org.swtdx.embedded.assembler.Register.RBX;
import static org.swtdx.embedded.assembler.Register.RDI;

import org.swtdx.embedded.assembler.Assembler;
import org.swtdx.embedded.assembler.Condition;
import org.swtdx.embedded.assembler.Label;

/** Shares memory with the host by TDVMCALL&lt;MapGPA&gt; and touches all of it. */
final class SharedBuffer {
  private static final int RETRY = 1;
  private static final long PATTERN = 0x0123456789abcdefL;

  private final Assembler asm;
  private final Tdvmcalls calls;
  private final Console console;

  SharedBuffer(Assembler asm, Tdvmcalls calls, Console console) {
    this.asm = asm;
    this.calls = calls;
    this.console = console;
  }

  /** Appends code that shares the buffer and says where it is. */
  void share() {
    mapGpa();
    touch();
    console.say("shared         ");
    asm.mov(RDI, AddressMap.SHARED_SIZE).shr(RDI, 10).call(console.printDecimal);
    console.say(" KiB at guest physical address ");
    BootCode.loadVariable(asm, RDI, Variable.SHARED_BUFFER);
    asm.call(console.printQuad);
    console.say(", written and read back\r\n");
  }

  /** The VMM may do part of the work and ask to be called again for the rest. */
  private void mapGpa() {
    Label again = new Label("mapAgain");
    Label done = new Label("mapDone");
    BootCode.loadVariable(asm, RBX, Variable.SHARED_BUFFER);
    BootCode.loadVariable(asm, RAX, Variable.SHARED_BIT);
    asm.or(RBX, RAX).mov(RBP, AddressMap.SHARED_SIZE);
    asm.bind(again).mov(R11, Tdvmcalls.MAP_GPA).mov(R12, RBX).mov(R13, RBP);
    asm.mov(R14, 0).mov(R15, 0).call(calls.tryCall);
    asm.test(R10, R10).jump(Condition.EQUAL, done).cmp(R10, RETRY);
    calls.failIf(Condition.NOT_EQUAL, "MapGPA failed");
    asm.sub(R11, RBX).cmp(R11, RBP);
    calls.failIf(Condition.ABOVE, "MapGPA went on outside its range");
    asm.add(RBX, R11).sub(RBP, R11).jmp(again);
    asm.bind(done);
  }

  /** Writes a number of its own to each eight bytes, then reads them all back. */
  private void touch() {
    for (boolean write : new boolean[] {true, false}) {
      Label loop = new Label("touch");
      BootCode.loadVariable(asm, RBX, Variable.SHARED_BUFFER);
      asm.mov(RAX, AddressMap.SHARED_ALIAS).add(RBX, RAX);
      asm.lea(RBP, RBX, AddressMap.SHARED_SIZE).mov(RAX, PATTERN);
      asm.bind(loop);
      if (write) {
        asm.store(RBX, 0, RAX);
      } else {
        asm.load(RDI, RBX, 0).cmp(RDI, RAX);
        calls.failIf(Condition.NOT_EQUAL, "shared memory does not keep what is written");
      }
      asm.add(RAX, 1).add(RBX, 8).cmp(RBX, RBP).jump(Condition.NOT_EQUAL, loop);
    }
  }
}
