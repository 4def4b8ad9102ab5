package org.swtdx.cpu.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.GuestFault;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.Decoder;
import org.swtdx.cpu.decode.OpcodeTable;
import org.swtdx.cpu.testkit.FixedEnvironment;
import org.swtdx.cpu.testkit.FlatMemory;
import org.swtdx.cpu.testkit.Snippet;

class RandomCodeTest {
  private static final int[] FREQUENT = {
    0x0f, 0x66, 0xf2, 0xf3, 0xf0, 0x48, 0x4c, 0x67, 0xc4, 0xff, 0xf7, 0xd3, 0xa4, 0xab, 0x38
  };

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] =
          (byte)
              (random.nextInt(3) == 0
                  ? FREQUENT[random.nextInt(FREQUENT.length)]
                  : random.nextInt(256));
    }
    return bytes;
  }

  /** The families of this package alone: those that need no processor around the core. */
  private static OpcodeTable integerTable() {
    OpcodeTable table = new OpcodeTable();
    InstructionSet.integerFamilies().forEach(family -> family.register(table));
    return table;
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 32, 16})
  void whateverTheBytesOnlyGuestFaultsLeaveAnInstruction(int codeSize) {
    Random random = new Random(codeSize);
    Decoder decoder = new Decoder(integerTable());
    int executed = 0;
    try (FlatMemory memory = new FlatMemory(Snippet.CODE, Snippet.END - Snippet.CODE)) {
      Core core = new Core(memory, new FixedEnvironment());
      Snippet.enter(core, codeSize);
      for (int n = 0; n < 60_000; n++) {
        byte[] code = bytes(random, 16);
        for (int i = 0; i < 16; i++) {
          core.gpr[i] =
              random.nextInt(4) == 0 ? random.nextLong() : Snippet.DATA + random.nextInt(0x2000);
        }
        core.setFlags(random.nextInt() & 0xcd5L);
        Insn insn = decoder.decode(at -> code[at] & 0xff, 0x1000, codeSize, false);
        assertThat(insn.length).isBetween(1, 15);
        core.singleStep = true;
        try {
          insn.handler.execute(core, insn);
          executed++;
        } catch (GuestFault fault) {
          assertThat(core.faultVector).isBetween(0, 31);
        }
        assertThat(core.gpr[Core.ZERO]).isZero();
      }
    }
    assertThat(executed).isGreaterThan(10_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 32})
  void steppingAndRunningInBlocksGiveTheSameState(int codeSize) {
    Random random = new Random(codeSize + 1L);
    for (int n = 0; n < 300; n++) {
      byte[] code = straightLine(random, codeSize);
      try (Snippet blocks = codeSize == 64 ? Snippet.in64() : Snippet.in32();
          Snippet steps = codeSize == 64 ? Snippet.in64() : Snippet.in32()) {
        int vector = blocks.run(code);
        steps.load(code);
        steps.core.rip = Snippet.CODE;
        int limit = 100_000;
        while (!steps.step() && limit-- > 0) {
          steps.core.attention = false;
        }
        assertThat(steps.core.faultVector).isEqualTo(vector);
        assertThat(steps.core.rip).isEqualTo(blocks.core.rip);
        assertThat(steps.core.gpr).isEqualTo(blocks.core.gpr);
        assertThat(steps.core.getFlags()).isEqualTo(blocks.core.getFlags());
        assertThat(steps.memory.read(Snippet.DATA, 0x400))
            .isEqualTo(blocks.memory.read(Snippet.DATA, 0x400));
      }
    }
  }

  /** Random integer instructions on registers and memory that RBX, RSI and RDI point to. */
  private static byte[] straightLine(Random random, int codeSize) {
    byte[] code = new byte[400];
    int n = 0;
    while (n < 390) {
      if (codeSize == 64 && random.nextBoolean()) {
        code[n++] = 0x48;
      }
      int op = random.nextInt(8) << 3 | random.nextInt(4);
      code[n++] = (byte) op;
      boolean memory = random.nextBoolean();
      int reg = random.nextInt(3);
      code[n++] = (byte) (memory ? 3 | reg << 3 : 0xc0 | reg << 3 | random.nextInt(3));
    }
    return java.util.Arrays.copyOf(code, n);
  }
}
