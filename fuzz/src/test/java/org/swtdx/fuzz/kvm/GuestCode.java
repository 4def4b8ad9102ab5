package org.swtdx.fuzz.kvm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.swtdx.fuzz.Choices;

/** What the guests of the scenarios execute. */
final class GuestCode {
  private static final HexFormat HEX = HexFormat.of();
  private static final int PAGE = 4096;
  private static final int SNIPPETS = 48;
  private static final int CALLS = 8;

  /** Real-mode instructions, each alone, that have something to do with KVM. */
  private static final String[] REAL_MODE = {
    "ee", // OUT DX, AL
    "66ed", // IN EAX, DX
    "e621", // OUT 0x21, AL
    "e443", // IN AL, 0x43
    "f36c", // REP INSB
    "f366 6f", // REP OUTSD
    "6d", // INSW
    "fd", // STD
    "fc", // CLD
    "a11000", // MOV AX, [0x10]
    "8306140002", // ADD word [0x14], 2
    "0fc70e2000", // CMPXCHG8B [0x20]
    "f3a4", // REP MOVSB
    "f3a5", // REP MOVSW
    "6681261800ff00ff00", // AND dword [0x18], 0xff00ff
    "0f32", // RDMSR
    "0f30", // WRMSR
    "0fa2", // CPUID
    "0f01d1", // XSETBV
    "0f01c1", // VMCALL
    "0f0b", // UD2
    "f4", // HLT
    "fb", // STI
    "fa", // CLI
    "cc", // INT3
    "cd20", // INT 0x20
    "0f09", // WBINVD
    "0f31", // RDTSC
    "0f20c0", // MOV EAX, CR0
    "0f22c0", // MOV CR0, EAX
    "0f23f8", // MOV DR7, EAX
    "0f21f0", // MOV EAX, DR6
    "0f011e4000", // LIDT [0x40]
    "dbe3", // FNINIT
    "0fae060001", // FXSAVE [0x100]
    "cf", // IRET
    "b80005 8ec0", // MOV AX, 0x500; MOV ES, AX
    "b800a0 8ed8", // MOV AX, 0xA000; MOV DS, AX
    "b8ffff 8ec0", // ES at the end of the first MiB
    "31c0 8ed8 8ec0", // DS and ES at 0
    "bff0ff", // MOV DI, 0xFFF0
    "b90300", // MOV CX, 3
    "66b9100000c0", // MOV ECX, 0xC0000010
    "66b900084b56 b000", // MOV ECX, an MSR of KVM's
  };

  private GuestCode() {}

  private static void put(byte[] page, int at, String hex) {
    byte[] code = HEX.parseHex(hex.replace(" ", ""));
    System.arraycopy(code, 0, page, at, code.length);
  }

  /** The page at the top of 4 GiB of an ordinary VM: instructions, and the reset vector. */
  static byte[] realMode(Choices choices) {
    byte[] page = new byte[PAGE];
    Arrays.fill(page, (byte) 0xf4);
    int at = 0;
    for (int i = 0; i < SNIPPETS && choices.more(); i++) {
      int kind = choices.u8();
      if (kind < 240) {
        String hex = REAL_MODE[kind % REAL_MODE.length];
        put(page, at, hex);
        at += hex.replace(" ", "").length() / 2;
      } else if (kind < 252) {
        put(page, at, "ba"); // MOV DX, imm16
        page[at + 1] = (byte) choices.u8();
        page[at + 2] = (byte) choices.below(4);
        at += 3;
      } else {
        byte[] raw = choices.bytes(kind - 251);
        System.arraycopy(raw, 0, page, at, raw.length);
        at += raw.length;
      }
    }
    put(page, at, "e9"); // JMP back
    page[at + 1] = (byte) -(at + 3);
    page[at + 2] = (byte) (-(at + 3) >> 8);
    put(page, 0xff0, "e90df0");
    return page;
  }

  /**
   * The page at the top of 4 GiB of a TD: goes to 64-bit mode, then takes twelve registers from its
   * stack (RAX, RCX, RDX, R8 to R15, RBX), stores R15 at RBX unless that is 0, executes TDCALL, and
   * so on; the stack of 8 such entries is at 0x8000 and 4 KiB further for each vCPU.
   */
  static byte[] resetPageOfTd() {
    byte[] page = new byte[PAGE];
    put(
        page,
        0,
        "0f011518ffffff" // LGDT
            + "b800100000 0f22d8" // CR3
            + "0f20e0 0d00060000 83c820 0f22e0" // CR4.PAE, OSFXSR
            + "b821000080 0f22c0" // CR0.PG
            + "ea2cf0ffff0800"); // JMP to 64-bit code
    put(
        page,
        0x2c,
        "c1e60c 488da600800000" // RSP
            + "58 59 5a 4158 4159 415a 415b 415c 415d 415e 415f 5b"
            + "4885db 7403 4c893b"
            + "660f01cc"
            + "89e0 25ff0f0000 3d00030000 72d2" // the next entry
            + "4881e400f0ffff ebc9"); // the first one
    ByteBuffer descriptors = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN).position(0xf00);
    descriptors.putLong(0).putLong(0x00af_9b00_0000_ffffL).putLong(0x00cf_9300_0000_ffffL);
    descriptors.putShort((short) 23).putInt(0xffff_ff00);
    put(page, 0xff0, "e90bf0ffff");
    return page;
  }

  /** The first 64 KiB of a TD: tables that map 4 MiB, the same as shared memory, and the calls. */
  static byte[] lowMemoryOfTd(Choices choices) {
    byte[] memory = new byte[16 * PAGE];
    ByteBuffer b = ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN);
    long table = 0x67;
    long large = 0xe3;
    b.putLong(0x1000, 0x2000 | table);
    b.putLong(0x2000, 0x3000 | table).putLong(0x2008, 0x5000 | table);
    b.putLong(0x2018, 0x4000 | table);
    b.putLong(0x3000, large).putLong(0x3008, 0x20_0000 | large);
    b.putLong(0x4000 + 8 * 511, 0xffe0_0000L | large);
    b.putLong(0x5000, 1L << 47 | 0x20_0000 | large);
    for (int vcpu = 0; vcpu < 2; vcpu++) {
      for (int i = 0; i < CALLS; i++) {
        b.position(0x8000 + PAGE * vcpu + 96 * i);
        call(b, choices);
      }
    }
    return memory;
  }

  private static void call(ByteBuffer to, Choices choices) {
    int kind = choices.below(8);
    boolean toHost = kind < 6;
    long leaf = toHost ? 0 : choices.of(1, 2, 3, 4, 5, 6, 7, 8, 22, 23);
    long rcx = toHost ? 0xff00 : 0x20_0000 + 4096L * choices.below(8);
    to.putLong(leaf).putLong(rcx).putLong(choices.below(4)).putLong(0).putLong(0);
    long call = kind == 5 ? choices.u8() : choices.of(10, 12, 30, 31, 32, 48, 0x10000, 0x10001);
    to.putLong(choices.below(16) == 0 ? 1 : 0);
    to.putLong(choices.below(8) == 0 ? 0x10002 + choices.below(5) : call);
    for (int i = 0; i < 4; i++) {
      to.putLong(argument(choices));
    }
    to.putLong(choices.below(4) == 0 ? 0x10_0000 + 4096L * choices.below(600) : 0);
  }

  private static long argument(Choices choices) {
    return switch (choices.below(8)) {
      case 0, 1 -> choices.of(0, 1, 2, 4, 8);
      case 2 -> 4096L * choices.u8();
      case 3 -> 1L << 47 | 4096L * choices.u8();
      case 4 -> 0xd000_0000L + 8 * choices.below(4);
      case 5 -> choices.u16();
      case 6 -> 1L << choices.below(64);
      default -> choices.i64();
    };
  }
}
