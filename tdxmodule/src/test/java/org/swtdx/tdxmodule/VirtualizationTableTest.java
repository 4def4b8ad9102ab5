package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.table.TableText;
import org.swtdx.tdxmodule.virt.TdCpuid;
import org.swtdx.tdxmodule.virt.TdMsrs;

/**
 * Every row of the CPUID and MSR tables, as a running guest of an ordinary TD meets it: the host
 * has configured nothing, and no feature is on.
 */
class VirtualizationTableTest {
  private static final int GP = 13, VE = 20, DONE = 0x100;
  private static final int CPUID = 10, RDMSR = 31, WRMSR = 32;

  // Bits of the "zero" masks that are computed when CPUID is executed, or from TD_PARAMS.
  private static final Map<String, int[]> COMPUTED =
      Map.of(
          "7.0", new int[] {0, 0, 1 << 4 | 1 << 31, 0},
          "d.0", new int[] {0, -1, -1, 0},
          "d.1", new int[] {0, -1, 0, 0},
          "15", new int[] {0, -1, 0, 0},
          "80000001", new int[] {0, 0, 0, 1 << 11},
          "80000008", new int[] {-1, 0, 0, 0});

  /** Executes one instruction after another in a guest. */
  private static final class Runner implements AutoCloseable {
    private final GuestTd td;
    private final long rdmsr;
    private final long wrmsr;
    private final long cpuid;

    Runner() {
      GuestCode code = new GuestCode().report().spin();
      rdmsr = GuestTd.CODE + code.length();
      done(code.hex("4c89c1 0f32")); // MOV RCX, R8
      wrmsr = GuestTd.CODE + code.length();
      done(code.hex("4c89c1 31c0 31d2 0f30")); // with EDX:EAX = 0
      cpuid = GuestTd.CODE + code.length();
      code.hex("4489c0 4489c9 0fa2"); // MOV EAX, R8D; MOV ECX, R9D
      code.move(11, GuestCode.RAX).move(12, GuestCode.RBX).move(13, GuestCode.RCX);
      done(code.move(14, GuestCode.RDX));
      td = new GuestTd(code);
      assertThat(td.enter()).isEqualTo(77);
    }

    private static void done(GuestCode code) {
      code.hex("41bf").imm32(DONE).report().spin(); // MOV R15D
    }

    /** Runs the code at {@code rip}; R15 is the vector of the exception it raised, or DONE. */
    private SeamRegisters run(long rip, int r8, int r9) {
      CpuState state = td.vcpu().state();
      state.setRip(rip);
      state.setGpr(4, GuestTd.STACK);
      td.host.regs.r8 = Integer.toUnsignedLong(r8);
      td.host.regs.r9 = Integer.toUnsignedLong(r9);
      assertThat(td.enter()).as("exit").isEqualTo(77);
      return td.host.regs;
    }

    SeamRegisters rdmsr(int msr) {
      return run(rdmsr, msr, 0);
    }

    SeamRegisters wrmsr(int msr) {
      return run(wrmsr, msr, 0);
    }

    SeamRegisters cpuid(int leaf, int subleaf) {
      return run(cpuid, leaf, subleaf);
    }

    @Override
    public void close() {
      td.close();
    }
  }

  @Test
  void everyMsrDoesWhatItsRowSays() {
    try (Runner guest = new Runner()) {
      for (String row : TableText.rows(TdMsrs.class, "msr.txt")) {
        String[] words = row.split(" ", -1);
        String[] range = words[0].split("-", -1);
        for (String number : new String[] {range[0], range[range.length - 1]}) {
          int msr = Integer.parseUnsignedInt(number, 16);
          String read = withoutFeature(words[1]);
          check("RDMSR " + number, read, guest.rdmsr(msr), RDMSR);
          String write = withoutFeature(words[2]);
          if (!write.equals("native") && !write.equals("module")) { // 0 may be no valid value
            check("WRMSR " + number, write, guest.wrmsr(msr), WRMSR);
          }
        }
      }
      check("RDMSR of no row", "ve", guest.rdmsr(0x1fff), RDMSR);
      check("WRMSR out of range", "ve", guest.wrmsr(0x4b56_4d00), WRMSR);
    }
  }

  private static String withoutFeature(String word) {
    return word.substring(word.indexOf(':') + 1);
  }

  private static void check(String what, String action, SeamRegisters regs, int reason) {
    switch (action) {
      case "ve" -> {
        assertThat(regs.r15).as(what).isEqualTo(VE);
        assertThat(regs.r12).as(what).isEqualTo(reason);
      }
      case "gp", "gp/ve" -> assertThat(regs.r15).as(what).isEqualTo(GP);
      case "native" -> assertThat(regs.r15).as(what).isNotEqualTo(VE);
      default ->
          assertThat(action).as(what).isEqualTo("module"); // which answers by rules of its own
    }
  }

  @Test
  void everyCpuidLeafHasTheBitsOfItsRow() {
    try (Runner guest = new Runner()) {
      for (String row : TableText.rows(TdCpuid.class, "cpuid.txt")) {
        String[] words = row.split(" ", -1);
        String[] name = words[0].split("\\.", -1);
        int leaf = Integer.parseUnsignedInt(name[0], 16);
        int subleaf = name.length > 1 ? Integer.parseUnsignedInt(name[1], 16) : 0;
        SeamRegisters regs = guest.cpuid(leaf, subleaf);
        boolean asked = leaf == 2 || leaf == 0xb || leaf == 0x1f; // the guest did not ask for these
        if (asked || Arrays.asList(words).contains("ve")) {
          check("CPUID " + words[0], "ve", regs, CPUID);
        } else {
          assertThat(regs.r15).as("CPUID %s", words[0]).isEqualTo(DONE);
          bits(words, leaf, subleaf, regs);
        }
      }
    }
  }

  private static void bits(String[] words, int leaf, int subleaf, SeamRegisters regs) {
    Map<String, int[]> masks = new HashMap<>();
    for (String word : Arrays.asList(words).subList(2, words.length)) {
      String[] pair = word.split("=", 2);
      masks.put(pair[0], pair.length < 2 || pair[0].equals("config") ? ALL : masks(pair[1]));
    }
    CpuidModel.Result own = CpuidModel.nativeModel().cpuid(leaf, subleaf);
    int[] natively = {own.eax(), own.ebx(), own.ecx(), own.edx()};
    int[] value = {(int) regs.r11, (int) regs.r12, (int) regs.r13, (int) regs.r14};
    for (int r = 0; r < 4; r++) {
      String what = "CPUID " + words[0] + " register " + r;
      int one = masks.getOrDefault("one", NONE)[r];
      int zero = masks.getOrDefault("zero", NONE)[r];
      int host = masks.getOrDefault("host", NONE)[r];
      int allow = masks.getOrDefault("allow", NONE)[r];
      int computed = COMPUTED.getOrDefault(words[0], NONE)[r];
      boolean family = leaf == 1 && r == 0;
      assertThat(value[r] & one & ~computed).as(what).isEqualTo(one & ~computed);
      assertThat(value[r] & zero & ~computed).as(what).isZero();
      assertThat(value[r] & allow & ~computed).as(what).isZero();
      assertThat(value[r] & host & ~computed).as(what).isEqualTo(family ? natively[r] & host : 0);
      int rest = ~(one | zero | host | allow | computed);
      assertThat(value[r] & rest & ~natively[r]).as(what).isZero();
    }
  }

  private static final int[] NONE = new int[4];
  private static final int[] ALL = {-1, -1, -1, -1};

  private static int[] masks(String text) {
    return Arrays.stream(text.split(",", -1))
        .mapToInt(m -> Integer.parseUnsignedInt(m, 16))
        .toArray();
  }
}
