package org.swtdx.embedded.program;

import static org.swtdx.embedded.assembler.Register.ECX;
import static org.swtdx.embedded.assembler.Register.RAX;
import static org.swtdx.embedded.assembler.Register.RBP;
import static org.swtdx.embedded.assembler.Register.RBX;
import static org.swtdx.embedded.assembler.Register.RCX;
import static org.swtdx.embedded.assembler.Register.RDI;
import static org.swtdx.embedded.assembler.Register.RDX;
import static org.swtdx.embedded.assembler.Register.RSI;

import org.jspecify.annotations.Nullable;
import org.swtdx.embedded.assembler.Assembler;
import org.swtdx.embedded.assembler.Condition;
import org.swtdx.embedded.assembler.Label;

/**
 * Walks the TD HOB (PI Specification Vol. 3) and accepts the memory it offers, up to a limit that
 * keeps the program short, with TDG.MEM.PAGE.ACCEPT: 2 MiB at a time where the VMM mapped large
 * pages, otherwise 4 KiB. The end of the last range below 4 GiB stays unaccepted: it will be the
 * buffer that is shared with the host.
 */
final class MemoryAcceptance {
  private static final int LIMIT = 64 << 20;
  private static final int TDG_MEM_PAGE_ACCEPT = 6;
  private static final int LEVEL_2M = 1;
  private static final int LARGE = 2 << 20;
  private static final int SMALL = 4 << 10;

  /** Upper halves of completion statuses. */
  private static final int ALREADY_ACCEPTED = 0x00000b0a;

  private static final int SIZE_MISMATCH = 0xc0000b0b;
  private static final int OPERAND_BUSY = 0x80000200;

  private static final int HOB_RESOURCE = 3;
  private static final int HOB_END = 0xffff;
  private static final int HOB_LENGTH = 2;
  private static final int HOB_RESOURCE_TYPE = 24;
  private static final int HOB_START = 32;
  private static final int HOB_BYTES = 40;
  private static final int UNACCEPTED_MEMORY = 7;

  private final Assembler asm;
  private final Tdvmcalls calls;
  private final Console console;
  private final Label takeRange = new Label("takeRange");
  private final Label accept = new Label("accept");

  MemoryAcceptance(Assembler asm, Tdvmcalls calls, Console console) {
    this.asm = asm;
    this.calls = calls;
    this.console = console;
  }

  /** Appends code that accepts memory and says how much. */
  void acceptFromHob() {
    asm.mov(RBX, AddressMap.VARIABLES).mov(RAX, LIMIT);
    asm.store(RBX, Variable.BUDGET.displacement(), RAX);
    walkHob();
    console.say("memory         ");
    BootCode.loadVariable(asm, RDI, Variable.OFFERED);
    asm.shr(RDI, 20).call(console.printDecimal);
    console.say(" MiB offered, accepted ");
    BootCode.loadVariable(asm, RDI, Variable.LARGE_PAGES);
    asm.call(console.printDecimal);
    console.say(" pages of 2 MiB and ");
    BootCode.loadVariable(asm, RDI, Variable.SMALL_PAGES);
    asm.call(console.printDecimal);
    console.say(" of 4 KiB (this program stops at 64 MiB)\r\n");
    BootCode.loadVariable(asm, RAX, Variable.SHARED_BUFFER);
    asm.test(RAX, RAX);
    calls.failIf(Condition.EQUAL, "the TD HOB offers no memory");
  }

  /** RBX goes from block to block; the host wrote them, so each step is checked. */
  private void walkHob() {
    Label loop = new Label("hobNext");
    Label skip = new Label("hobSkip");
    Label end = new Label("hobEnd");
    asm.mov(RBX, AddressMap.HOB);
    asm.bind(loop).cmp(RBX, AddressMap.HOB + AddressMap.HOB_SIZE - HOB_BYTES - 8);
    calls.failIf(Condition.ABOVE, "the TD HOB has no end");
    asm.load16(ECX, RBX, 0).cmp(ECX, HOB_END).jump(Condition.EQUAL, end);
    asm.cmp(ECX, HOB_RESOURCE).jump(Condition.NOT_EQUAL, skip);
    asm.load(ECX, RBX, HOB_RESOURCE_TYPE).cmp(ECX, UNACCEPTED_MEMORY);
    asm.jump(Condition.NOT_EQUAL, skip);
    asm.load(RDI, RBX, HOB_START).load(RSI, RBX, HOB_BYTES).call(takeRange);
    asm.bind(skip).load16(RAX, RBX, HOB_LENGTH).cmp(RAX, 8);
    calls.failIf(Condition.BELOW, "the TD HOB has a block without a length");
    asm.add(RBX, RAX).jmp(loop);
    asm.bind(end);
  }

  /** Appends the routines. */
  void emitRoutines() {
    emitTakeRange();
    emitAccept();
  }

  /** RDI start and RSI length of a range: sets the buffer aside, accepts within the budget. */
  private void emitTakeRange() {
    Label whole = new Label("wholeRange");
    Label withinBudget = new Label("withinBudget");
    asm.bind(takeRange).mov(RDX, AddressMap.VARIABLES);
    asm.load(RAX, RDX, Variable.OFFERED.displacement()).add(RAX, RSI);
    asm.store(RDX, Variable.OFFERED.displacement(), RAX);
    asm.mov(RAX, RDI).shr(RAX, 32).jump(Condition.NOT_EQUAL, whole);
    asm.cmp(RSI, 2 * AddressMap.SHARED_SIZE).jump(Condition.BELOW, whole);
    asm.sub(RSI, AddressMap.SHARED_SIZE).mov(RAX, RDI).add(RAX, RSI);
    asm.store(RDX, Variable.SHARED_BUFFER.displacement(), RAX);
    asm.bind(whole).load(RAX, RDX, Variable.BUDGET.displacement());
    asm.cmp(RSI, RAX).jump(Condition.BELOW, withinBudget).mov(RSI, RAX);
    asm.bind(withinBudget).sub(RAX, RSI);
    asm.store(RDX, Variable.BUDGET.displacement(), RAX).add(RSI, RDI).jmp(accept);
  }

  /** Accepts from RDI to RSI. */
  private void emitAccept() {
    Label loop = new Label("acceptNext");
    Label small = new Label("acceptSmall");
    Label end = new Label("acceptEnd");
    asm.bind(accept).push(RBX).push(RBP).mov(RBX, RDI).mov(RBP, RSI);
    asm.bind(loop).cmp(RBX, RBP).jump(Condition.ABOVE_OR_EQUAL, end);
    asm.test(RBX, LARGE - 1).jump(Condition.NOT_EQUAL, small);
    asm.lea(RAX, RBX, LARGE).cmp(RAX, RBP).jump(Condition.ABOVE, small);
    asm.lea(RCX, RBX, LEVEL_2M);
    acceptPage(loop, LARGE, Variable.LARGE_PAGES, small);
    asm.bind(small).mov(RCX, RBX);
    acceptPage(loop, SMALL, Variable.SMALL_PAGES, null);
    asm.bind(end).pop(RBP).pop(RBX).ret();
  }

  /** One TDG.MEM.PAGE.ACCEPT of RCX and what its status asks for. */
  private void acceptPage(Label loop, int size, Variable counter, @Nullable Label ifSmaller) {
    Label accepted = new Label("accepted");
    asm.mov(RAX, TDG_MEM_PAGE_ACCEPT).tdcall().shr(RAX, 32).mov(RCX, RAX);
    asm.test(RCX, RCX).jump(Condition.EQUAL, accepted);
    asm.cmp(ECX, OPERAND_BUSY).jump(Condition.EQUAL, loop);
    if (ifSmaller != null) {
      asm.cmp(ECX, SIZE_MISMATCH).jump(Condition.EQUAL, ifSmaller);
    }
    asm.cmp(ECX, ALREADY_ACCEPTED);
    calls.failIf(Condition.NOT_EQUAL, "TDG.MEM.PAGE.ACCEPT failed");
    asm.bind(accepted).mov(RDX, counter.address()).load(RAX, RDX, 0).add(RAX, 1);
    asm.store(RDX, 0, RAX).add(RBX, size).jmp(loop);
  }
}
