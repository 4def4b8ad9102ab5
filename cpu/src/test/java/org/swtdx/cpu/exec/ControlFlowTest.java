package org.swtdx.cpu.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.testkit.Snippet;

class ControlFlowTest {
  private static final int RAX = 0, RCX = 1, RBX = 3, RSP = 4, RBP = 5, RDI = 7;

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  @Test
  void callAndReturnUseTheStack() {
    try (Snippet s = Snippet.in64()) {
      // call +3; ud2 follows after mov; target: inc eax; ret 8
      s.core.store64(Snippet.STACK, 0x55);
      s.run("6a 07 e8 04 00 00 00 ff c1 0f 0b ff c0 c2 08 00");
      assertThat(s.core.gpr[RAX]).isEqualTo(1);
      assertThat(s.core.gpr[RCX]).isEqualTo(1);
      assertThat(s.core.gpr[RSP]).isEqualTo(Snippet.STACK);
    }
  }

  @Test
  void loopsCountDownInTheAddressSize() {
    try (Snippet s = Snippet.in64()) {
      s.core.gpr[RCX] = 0x1_0000_0003L;
      s.run("ff c0 67 e2 fb");
      assertThat(s.core.gpr[RAX]).isEqualTo(3);
      assertThat(s.core.gpr[RCX]).isZero();
      s.core.gpr[RCX] = 5;
      s.core.gpr[RAX] = 0;
      s.run("ff c0 83 f8 03 e0 f9");
      assertThat(s.core.gpr[RAX]).isEqualTo(3);
    }
  }

  @Test
  void nonCanonicalReturnFaultsAtTheReturn() {
    try (Snippet s = Snippet.in64()) {
      s.core.store64(Snippet.STACK, 0x8000_0000_0000L);
      assertThat(s.run("c3")).isEqualTo(Core.GP);
      assertThat(s.core.rip).isEqualTo(Snippet.CODE);
      assertThat(s.core.gpr[RSP]).isEqualTo(Snippet.STACK);
    }
  }

  @Test
  void faultsNameTheInstructionAndCountThoseBefore() {
    try (Snippet s = Snippet.in64()) {
      long before = s.core.instructions;
      assertThat(s.run("ff c0 ff c0 48 8b 0c 25 00 00 00 00")).isEqualTo(Core.PF);
      assertThat(s.core.rip).isEqualTo(Snippet.CODE + 4);
      assertThat(s.core.faultInsn.length).isEqualTo(8);
      assertThat(s.core.cr2).isZero();
      assertThat(s.core.instructions - before).isEqualTo(2);
    }
  }

  @Test
  void fetchingFromNowhereFaultsAtTheTarget() {
    try (Snippet s = Snippet.in64()) {
      assertThat(s.run("31 c0 ff e0")).isEqualTo(Core.PF);
      assertThat(s.core.rip).isZero();
      assertThat(s.core.faultInsn).isSameAs(Insn.NOTHING);
    }
  }

  @Test
  void pushesAndPopsMoveByTheirSize() {
    try (Snippet s = Snippet.in64()) {
      s.core.gpr[RAX] = 0x1122334455667788L;
      s.run("66 50 6a ff 50 59 8f 03");
      assertThat(s.core.gpr[RSP]).isEqualTo(Snippet.STACK - 2);
      assertThat(s.core.gpr[RCX]).isEqualTo(0x1122334455667788L);
      assertThat(s.core.load64(Snippet.DATA)).isEqualTo(-1);
    }
    try (Snippet s = Snippet.in32()) {
      s.core.gpr[RSP] = Snippet.STACK;
      s.run("54 5c 60 61 66 60 66 61");
      assertThat(s.core.gpr[RSP]).isEqualTo(Snippet.STACK);
      assertThat(s.core.gpr[RBX]).isEqualTo(Snippet.DATA);
    }
  }

  @Test
  void popIntoMemoryAddressesWithTheNewStackPointer() {
    try (Snippet s = Snippet.in64()) {
      s.core.store64(Snippet.STACK, 0x77);
      s.run("8f 04 24");
      assertThat(s.core.load64(Snippet.STACK + 8)).isEqualTo(0x77);
    }
  }

  @Test
  void failedPopRestoresTheStackPointer() {
    try (Snippet s = Snippet.in64()) {
      s.core.gpr[RBX] = 0;
      assertThat(s.run("8f 03")).isEqualTo(Core.PF);
      assertThat(s.core.gpr[RSP]).isEqualTo(Snippet.STACK);
    }
  }

  @Test
  void enterBuildsNestedFramesThatLeaveDrops() {
    try (Snippet s = Snippet.in64()) {
      s.core.gpr[RBP] = Snippet.STACK - 0x100;
      s.core.store64(Snippet.STACK - 0x108, 0x1111);
      s.run("c8 20 00 02");
      assertThat(s.core.gpr[RBP]).isEqualTo(Snippet.STACK - 8);
      assertThat(s.core.load64(Snippet.STACK - 16)).isEqualTo(0x1111);
      assertThat(s.core.load64(Snippet.STACK - 24)).isEqualTo(Snippet.STACK - 8);
      assertThat(s.core.gpr[RSP]).isEqualTo(Snippet.STACK - 24 - 0x20);
      s.run("c9");
      assertThat(s.core.gpr[RSP]).isEqualTo(Snippet.STACK);
      assertThat(s.core.gpr[RBP]).isEqualTo(Snippet.STACK - 0x100);
    }
  }

  @Test
  void userCodeCannotChangeTheInterruptFlag() {
    try (Snippet s = Snippet.in64()) {
      s.run("68 ff ff ff 7f 9d");
      assertThat(s.core.getFlags() & (Flags.IF | Flags.IOPL)).isZero();
      assertThat(s.core.getFlags() & Flags.ID).isNotZero();
      assertThat(s.core.attention).isFalse();
    }
  }

  @Test
  void aStoreIntoTheRunningBlockIsSeenByTheNextInstruction() {
    try (Snippet s = Snippet.in64()) {
      // mov byte [rip+1], 0x42 changes the immediate of the following mov al, 0
      s.run("c6 05 01 00 00 00 42 b0 00");
      assertThat(s.core.gpr[RAX]).isEqualTo(0x42);
      // and again, now that the page is known to be written and executed in turn
      s.core.gpr[RAX] = 0;
      s.core.rip = Snippet.CODE;
      s.resume();
      assertThat(s.core.gpr[RAX]).isEqualTo(0x42);
    }
  }

  @Test
  void codeRewrittenBetweenRunsIsDecodedAnew() {
    try (Snippet s = Snippet.in64()) {
      // Often enough for the page to be taken as shared by code and data.
      // loop: call f; patch f's immediate to ecx; ecx: 1, 2, 3 accumulate in rbx
      byte[] code =
          bytes(
              "31 db 31 c9" // xor ebx, ebx; xor ecx, ecx
                  + "ff c1" // loop: inc ecx
                  + "88 0d 0b 00 00 00" // mov [f + 1], cl
                  + "e8 05 00 00 00" // call f
                  + "83 f9 64 75 ee" // cmp ecx, 100; jne loop
                  + "0f 0b"); // ud2
      byte[] function = bytes("b0 00 0f b6 c0 01 c3 c3");
      byte[] all = java.util.Arrays.copyOf(code, code.length + function.length);
      int f = 4 + 2 + 6 + 5 + 5 + 2;
      System.arraycopy(function, 0, all, f, function.length);
      all[8] = (byte) (f + 1 - 12);
      all[13] = (byte) (f - 17);
      s.run(all);
      assertThat(s.core.gpr[RBX]).isEqualTo(100 * 101 / 2);
    }
  }

  @Test
  void aStoreIntoTheRunningBlockIsSeenInSharedPagesToo() {
    try (Snippet s = Snippet.in64()) {
      // loop: mov [rip + 1], cl; mov al, 0; movzx eax, al; add ebx, eax; dec ecx; jne loop
      s.core.gpr[RBX] = 0;
      s.core.gpr[RCX] = 100;
      s.run("88 0d 01 00 00 00 b0 00 0f b6 c0 01 c3 ff c9 75 ef");
      assertThat(s.core.gpr[RBX]).isEqualTo(100 * 101 / 2);
    }
  }

  @Test
  void instructionsMayCrossPages() {
    try (Snippet s = Snippet.in64()) {
      byte[] code = bytes("48 b8 88 77 66 55 44 33 22 11");
      long at = Snippet.CODE + 0x1000 - 5;
      s.memory.write(at, code);
      s.memory.write(at + 10, bytes("0f 0b"));
      for (int i = 0; i < 2; i++) {
        s.core.rip = at;
        assertThat(s.resume()).isEqualTo(Core.UD);
        assertThat(s.core.gpr[RAX]).isEqualTo(0x1122334455667788L);
        assertThat(s.core.rip).isEqualTo(at + 10);
      }
      s.core.store8(at + 9, 0x7f);
      s.core.rip = at;
      s.resume();
      assertThat(s.core.gpr[RAX]).isEqualTo(0x7f22334455667788L);
    }
  }

  @Test
  void sixteenBitCodeWrapsAtTheSegmentEnd() {
    try (Snippet s = Snippet.in16()) {
      Core core = s.core;
      core.segmentBase[SegmentRegister.CS] = Snippet.CODE;
      core.segmentLimit[SegmentRegister.CS] = 0xffff;
      core.modeChanged();
      s.memory.write(Snippet.CODE + 0xfff0, bytes("b8 34 12 e9 1a 00"));
      s.memory.write(Snippet.CODE + 0x10, bytes("40 0f 0b"));
      core.rip = 0xfff0;
      assertThat(s.resume()).isEqualTo(Core.UD);
      assertThat(core.rip).isEqualTo(0x11);
      assertThat(core.gpr[RAX]).isEqualTo(0x1235);
    }
  }

  @Test
  void segmentLimitsAndTypesAreChecked() {
    try (Snippet s = Snippet.in32()) {
      Core core = s.core;
      core.segmentLimit[SegmentRegister.DS] = 0xfff;
      core.modeChanged();
      core.gpr[RBX] = 0xffd;
      assertThat(s.run("8b 03")).isEqualTo(Core.GP);
      core.segmentBase[SegmentRegister.DS] = (int) Snippet.DATA;
      core.modeChanged();
      core.gpr[RBX] = 0xffc;
      assertThat(s.run("8b 03")).isEqualTo(Core.UD);
      assertThat(s.run("2e 89 05 00 00 04 00")).isEqualTo(Core.GP);
      assertThat(s.run("2e 8b 05 00 00 04 00")).isEqualTo(Core.UD);
      core.segmentLimit[SegmentRegister.SS] = 0xfff;
      core.modeChanged();
      assertThat(s.run("50")).isEqualTo(Core.SS);
    }
  }

  @Test
  void attentionEndsTheRunAtTheNextBlock() {
    try (Snippet s = Snippet.in64()) {
      s.load(bytes("eb fe"));
      s.core.rip = Snippet.CODE;
      s.core.requestAttention();
      Interpreter interpreter = new Interpreter();
      assertThat(interpreter.run(s.core)).isFalse();
      assertThat(s.core.rip).isEqualTo(Snippet.CODE);
    }
  }

  @Test
  void aStepIsOneInstruction() {
    try (Snippet s = Snippet.in64()) {
      s.load(bytes("ff c0 ff c0"));
      s.core.rip = Snippet.CODE;
      assertThat(s.step()).isFalse();
      assertThat(s.core.gpr[RAX]).isEqualTo(1);
      assertThat(s.core.rip).isEqualTo(Snippet.CODE + 2);
      s.step();
      assertThat(s.step()).isTrue();
      assertThat(s.core.faultVector).isEqualTo(Core.UD);
    }
  }

  @Test
  void aStepOfARepeatedInstructionIsOneIteration() {
    try (Snippet s = Snippet.in64()) {
      s.load(bytes("f3 aa"));
      s.core.gpr[RCX] = 2;
      s.core.rip = Snippet.CODE;
      s.step();
      assertThat(s.core.gpr[RCX]).isEqualTo(1);
      assertThat(s.core.rip).isEqualTo(Snippet.CODE);
      s.step();
      assertThat(s.core.gpr[RDI]).isEqualTo(Snippet.DATA + 0x102);
      assertThat(s.core.rip).isEqualTo(Snippet.CODE + 2);
    }
  }
}
