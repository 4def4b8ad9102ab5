package org.swtdx.cpu.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.testkit.FixedEnvironment;
import org.swtdx.cpu.testkit.FlatMemory;
import org.swtdx.cpu.testkit.Snippet;

class AtomicInstructionTest {
  private static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSI = 6;
  private static final int ROUNDS = 20_000;

  @ParameterizedTest
  @CsvSource({
    // rsi = counter, rcx = rounds; each loop adds 1
    "f0 ff 06, 0",
    "f0 48 83 06 01, 0",
    "f0 ff 06, 5",
    "f0 ff 06, 4094",
    "f0 66 ff 06, 7",
    "ba 01 00 00 00 f0 0f c1 16, 0",
    "8b 06 8d 50 01 f0 0f b1 16 75 f5, 0",
    "48 8b 06 48 8d 58 01 8b 56 04 89 d1 f0 0f c7 0e 75 ef 4c 89 c1, 0",
  })
  void concurrentUpdatesAreNotLost(String body, int offset) throws InterruptedException {
    byte[] update = HexFormat.of().parseHex(body.replace(" ", ""));
    byte[] code = new byte[update.length + 10];
    // mov r8, rcx; update; dec ecx (from r8 where the update uses ecx); jnz; ud2
    code[0] = 0x49;
    code[1] = (byte) 0x89;
    code[2] = (byte) 0xc8;
    System.arraycopy(update, 0, code, 3, update.length);
    code[update.length + 3] = (byte) 0xff;
    code[update.length + 4] = (byte) 0xc9;
    code[update.length + 5] = 0x75;
    code[update.length + 6] = (byte) -(update.length + 7);
    code[update.length + 7] = 0x0f;
    code[update.length + 8] = 0x0b;
    try (FlatMemory memory = new FlatMemory(Snippet.CODE, Snippet.END - Snippet.CODE)) {
      memory.write(Snippet.CODE, code);
      List<Thread> threads = new ArrayList<>();
      List<Core> cores = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Core core = core(memory, offset);
        cores.add(core);
        Thread thread = new Thread(() -> new Interpreter().run(core));
        threads.add(thread);
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(cores).allMatch(core -> core.faultVector == Core.UD);
      int total = cores.getFirst().load16(Snippet.DATA + offset);
      assertThat(total).isEqualTo(2 * ROUNDS & 0xffff);
    }
  }

  private static Core core(FlatMemory memory, int offset) {
    Core core = new Core(memory, new FixedEnvironment());
    Snippet.enter(core, 64);
    core.gpr[RSI] = Snippet.DATA + offset;
    core.gpr[RCX] = ROUNDS;
    core.rip = Snippet.CODE;
    return core;
  }

  @Test
  void compareExchangeLoadsTheAccumulatorOnlyOnFailure() {
    try (Snippet s = Snippet.in64()) {
      s.core.store64(Snippet.DATA, 0x1_0000_0005L);
      s.core.gpr[RAX] = 0xffff_ffff_0000_0005L;
      s.core.gpr[RCX] = 9;
      s.run("f0 0f b1 0b");
      assertThat(s.core.load64(Snippet.DATA)).isEqualTo(0x1_0000_0009L);
      assertThat(s.core.gpr[RAX]).isEqualTo(0xffff_ffff_0000_0005L);
      assertThat(s.core.flags.zf()).isTrue();
      s.run("0f b1 0b");
      assertThat(s.core.gpr[RAX]).isEqualTo(9);
      assertThat(s.core.flags.zf()).isFalse();
      assertThat(s.core.flags.cf()).isTrue();
    }
  }

  @Test
  void compareExchange16ComparesBothHalves() {
    try (Snippet s = Snippet.in64()) {
      Core core = s.core;
      core.gpr[RSI] = Snippet.DATA;
      core.store64(Snippet.DATA, 1);
      core.store64(Snippet.DATA + 8, 2);
      core.gpr[RAX] = 1;
      core.gpr[RDX] = 3;
      core.gpr[RBX] = 7;
      core.gpr[RCX] = 8;
      s.run("f0 48 0f c7 0e");
      assertThat(core.flags.zf()).isFalse();
      assertThat(core.gpr[RDX]).isEqualTo(2);
      s.run("f0 48 0f c7 0e");
      assertThat(core.flags.zf()).isTrue();
      assertThat(core.load64(Snippet.DATA)).isEqualTo(7);
      assertThat(core.load64(Snippet.DATA + 8)).isEqualTo(8);
      core.gpr[RSI] = Snippet.DATA + 8;
      assertThat(s.run("f0 48 0f c7 0e")).isEqualTo(Core.GP);
    }
  }

  @Test
  void exchangesSwap() {
    try (Snippet s = Snippet.in64()) {
      s.core.store64(Snippet.DATA, -1);
      s.core.gpr[RAX] = 0x1234;
      s.run("66 87 03 86 c4");
      assertThat(s.core.load64(Snippet.DATA)).isEqualTo(0xffff_ffff_ffff_1234L);
      assertThat(s.core.gpr[RAX]).isEqualTo(0xffff);
    }
  }

  @Test
  void aLockedUpdateOfReadOnlyOrAbsentMemoryFaultsAsAWrite() {
    try (Snippet s = Snippet.in64()) {
      s.core.gpr[RBX] = 0x100;
      assertThat(s.run("f0 ff 03")).isEqualTo(Core.PF);
      assertThat(s.core.faultErrorCode & 2).isEqualTo(2);
      assertThat(s.run("01 03")).isEqualTo(Core.PF);
      assertThat(s.core.faultErrorCode & 2).isEqualTo(2);
    }
  }
}
