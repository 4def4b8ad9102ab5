package org.swtdx.embedded.program;

import static org.swtdx.embedded.assembler.Register.EAX;
import static org.swtdx.embedded.assembler.Register.EBX;
import static org.swtdx.embedded.assembler.Register.ECX;
import static org.swtdx.embedded.assembler.Register.EDI;
import static org.swtdx.embedded.assembler.Register.EDX;
import static org.swtdx.embedded.assembler.Register.ESI;

import org.swtdx.embedded.assembler.Assembler;
import org.swtdx.embedded.assembler.Condition;
import org.swtdx.embedded.assembler.Label;
import org.swtdx.embedded.assembler.Register;

/**
 * From the reset vector to long mode. A vCPU of a TD starts in flat 32-bit protected mode with
 * EFER.LME set, EBX the width of guest physical addresses, and ESI the vCPU's index (TDX Module
 * Base Spec, "Initial state of guest GPRs and CRs"). vCPU 0 writes the page tables; the others wait
 * for them.
 */
final class BootCode {
  private static final int CR4_PAE = 1 << 5;
  private static final int CR0_PG = 1 << 31;
  private static final int TABLE = 0x3; // present, writable
  private static final int LARGE_PAGE = 0x83; // and of 2 MiB
  private static final int LARGE_PAGE_SIZE = 2 << 20;
  private static final int ENTRIES = 512;
  private static final int CODE_SELECTOR = 8;
  private static final int DATA_SELECTOR = 16;
  private static final long CODE_DESCRIPTOR = 0x00af9b000000ffffL;
  private static final long DATA_DESCRIPTOR = 0x00cf93000000ffffL;

  private final Assembler asm;
  private final Label gdt = new Label("gdt");
  private final Label gdtPointer = new Label("gdtPointer");
  private final Label enterLongMode = new Label("enterLongMode");
  private final Label longMode = new Label("longMode");

  private BootCode(Assembler asm) {
    this.asm = asm;
  }

  /** Appends the code, which goes on at {@code main} in long mode. */
  static void emit(Assembler asm, Label main) {
    BootCode boot = new BootCode(asm);
    boot.waitUnlessFirst();
    boot.buildTables();
    boot.enterLongMode();
    boot.data();
    asm.bind(boot.longMode).mov(EAX, DATA_SELECTOR).movEaxToDataSegments().jmp(main);
  }

  private void waitUnlessFirst() {
    Label first = new Label("first");
    Label wait = new Label("wait");
    asm.test(ESI, ESI).jump(Condition.EQUAL, first);
    asm.mov(EDI, Variable.TABLES_READY.address());
    asm.bind(wait).pause().load(EAX, EDI, 0).test(EAX, EAX).jump(Condition.EQUAL, wait);
    asm.jmp(enterLongMode);
    asm.bind(first);
  }

  /** Maps the first GiBs twice: as they are, and at SHARED_ALIAS with the SHARED bit. */
  private void buildTables() {
    asm.mov(EDI, AddressMap.PML4);
    asm.store32(EDI, 0, AddressMap.PRIVATE_PDPT | TABLE);
    asm.store32(EDI, 8, AddressMap.SHARED_PDPT | TABLE);
    for (int gib = 0; gib < AddressMap.MAPPED_GIB; gib++) {
      int directory = gib * 0x1000 | TABLE;
      asm.store32(EDI, 0x1000 + 8 * gib, AddressMap.PRIVATE_DIRECTORIES + directory);
      asm.store32(EDI, 0x2000 + 8 * gib, AddressMap.SHARED_DIRECTORIES + directory);
    }
    asm.xor(EDX, EDX);
    fillDirectories(AddressMap.PRIVATE_DIRECTORIES);
    // SHARED is bit GPAW - 1 of the address, so bit GPAW - 33 of the upper half of an entry.
    asm.mov(EDX, 1).mov(ECX, EBX).sub(ECX, 33).shlByCl(EDX);
    fillDirectories(AddressMap.SHARED_DIRECTORIES);
    asm.mov(EDI, Variable.TABLES_READY.address()).store32(EDI, 0, 1);
  }

  /** Fills directories with 2 MiB pages from address 0; EDX is the upper half of each entry. */
  private void fillDirectories(int directories) {
    Label loop = new Label("fill");
    asm.mov(EDI, directories).mov(EAX, LARGE_PAGE).mov(ECX, ENTRIES * AddressMap.MAPPED_GIB);
    asm.bind(loop).store(EDI, 0, EAX).store(EDI, 4, EDX);
    asm.add(EDI, 8).add(EAX, LARGE_PAGE_SIZE).sub(ECX, 1).jump(Condition.NOT_EQUAL, loop);
  }

  private void enterLongMode() {
    asm.bind(enterLongMode);
    asm.lgdt32(gdtPointer);
    asm.movFromControl(EAX, 4).or(EAX, CR4_PAE).movToControl(4, EAX);
    asm.mov(EAX, AddressMap.PML4).movToControl(3, EAX);
    asm.movFromControl(EAX, 0).or(EAX, CR0_PG).movToControl(0, EAX);
    asm.farJump32(CODE_SELECTOR, longMode);
  }

  private void data() {
    asm.align(8).bind(gdt).quad(0).quad(CODE_DESCRIPTOR).quad(DATA_DESCRIPTOR);
    asm.bind(gdtPointer).word(3 * 8 - 1).address32(gdt);
  }

  /** Appends code that loads a variable. */
  static void loadVariable(Assembler asm, Register to, Variable variable) {
    asm.mov(to, variable.address()).load(to, to, 0);
  }
}
