package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.swtdx.memory.Hpa;
import org.swtdx.tdxmodule.measure.LittleEndian;
import org.swtdx.tdxmodule.measure.Sha384;
import org.swtdx.tdxmodule.measure.TdReport;
import org.swtdx.tdxmodule.metadata.AccessMode;
import org.swtdx.tdxmodule.metadata.FieldTable;
import org.swtdx.tdxmodule.metadata.PlatformFields;
import org.swtdx.tdxmodule.metadata.TdFields;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.virt.TdAttributes;
import org.swtdx.tdxmodule.vp.LastExit;

/** What a guest does to memory, and what the host learns of it. */
class GuestMemoryTest {
  private static final int TDCALL = 77;
  private static final int EPT_VIOLATION = 48;
  private static final int VE = 20;
  private static final int EXTEND = 2;
  private static final int REPORT = 4;
  private static final int ACCEPT = 6;
  private static final long PAGE = 0x20_0000;
  private static final long ACCEPT_QUALIFICATION = 1;
  private static final long PENDING_QUALIFICATION = 6;

  @Test
  void acceptedPageIsMappedAndZero() {
    GuestCode code =
        new GuestCode()
            .leaf(ACCEPT, PAGE)
            .move(8, GuestCode.RAX)
            .load(PAGE + 8)
            .move(9, GuestCode.RAX)
            .report();
    try (GuestTd td = new GuestTd(code)) {
      long hpa = td.augment(PAGE);
      td.host.host().write64(new Hpa(hpa + 8), 0x1122334455667788L);

      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r8).isZero();
      assertThat(td.host.regs.r9).isZero();
      assertThat(td.tdcs().sept().walk(PAGE, 0).state()).isEqualTo(SeptState.MAPPED);
    }
  }

  @Test
  void acceptingTwiceSaysSoWithTheLevel() {
    GuestCode code =
        new GuestCode().leaf(ACCEPT, PAGE).leaf(ACCEPT, PAGE).move(8, GuestCode.RAX).report();
    try (GuestTd td = new GuestTd(code)) {
      td.augment(PAGE);

      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r8).isEqualTo(Status.PAGE_ALREADY_ACCEPTED);
    }
  }

  @Test
  void acceptOfAMissingPageLeavesAndIsRepeatedOnceTheHostAddedIt() {
    GuestCode code = new GuestCode().leaf(ACCEPT, PAGE).move(8, GuestCode.RAX).report();
    try (GuestTd td = new GuestTd(code)) {
      assertThat(td.enter()).isEqualTo(EPT_VIOLATION);
      assertThat(td.host.regs.r8).isEqualTo(PAGE);
      assertThat(td.host.regs.rcx).as("a write to what has no permissions").isEqualTo(2);
      assertThat(td.host.regs.rdx & 0xf).isEqualTo(ACCEPT_QUALIFICATION);
      assertThat(td.host.regs.rdx >>> 32 & 7).as("requested level").isZero();
      td.augment(PAGE);

      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r8).isZero();
    }
  }

  @Test
  void largePageIsAcceptedWhole() {
    GuestCode code =
        new GuestCode()
            .leaf(ACCEPT, PAGE | 1)
            .move(8, GuestCode.RAX)
            .load(PAGE + 0x1f_f000)
            .move(9, GuestCode.RAX)
            .leaf(ACCEPT, PAGE + 0x3000)
            .move(10, GuestCode.RAX)
            .report();
    try (GuestTd td = new GuestTd(code)) {
      td.augmentLarge(PAGE);

      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r8).isZero();
      assertThat(td.host.regs.r9).isZero();
      assertThat(td.host.regs.r10).isEqualTo(Status.with(Status.PAGE_ALREADY_ACCEPTED, 1));
    }
  }

  @Test
  void largeAcceptOverSmallPagesIsASizeMismatch() {
    GuestCode code = new GuestCode().leaf(ACCEPT, PAGE | 1).move(8, GuestCode.RAX).report();
    try (GuestTd td = new GuestTd(code)) {
      td.augment(PAGE);

      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r8).isEqualTo(Status.with(Status.PAGE_SIZE_MISMATCH, 1));
    }
  }

  @Test
  void smallAcceptInALargePendingPageLeaves() {
    GuestCode code = new GuestCode().leaf(ACCEPT, PAGE + 0x5000);
    try (GuestTd td = new GuestTd(code)) {
      td.augmentLarge(PAGE);

      assertThat(td.enter()).isEqualTo(EPT_VIOLATION);

      long info = td.host.regs.rdx >>> 32;
      assertThat(td.host.regs.r8).isEqualTo(PAGE + 0x5000);
      assertThat(info & 7).as("requested level").isZero();
      assertThat(info >>> 3 & 7).as("level found").isEqualTo(1);
      assertThat(info >>> 6 & 0xff).isEqualTo(SeptState.PENDING.publicState());
      assertThat(info >>> 14 & 1).as("leaf").isEqualTo(1);
    }
  }

  @Test
  void acceptChecksItsOperand() {
    GuestCode code =
        new GuestCode()
            .leaf(ACCEPT, PAGE | 2)
            .move(8, GuestCode.RAX)
            .leaf(ACCEPT, PAGE + 0x1000 | 1)
            .move(9, GuestCode.RAX)
            .leaf(ACCEPT, GuestTd.SHARED_BIT | PAGE)
            .move(10, GuestCode.RAX)
            .leaf(ACCEPT, PAGE | 1L << 52)
            .move(11, GuestCode.RAX)
            .report();
    long invalid = Status.with(Status.OPERAND_INVALID, Operand.RCX);
    try (GuestTd td = new GuestTd(code)) {
      assertThat(td.enter()).isEqualTo(TDCALL);
      assertThat(td.host.regs.r8).as("1 GiB").isEqualTo(invalid);
      assertThat(td.host.regs.r9).as("misaligned").isEqualTo(invalid);
      assertThat(td.host.regs.r10).as("shared").isEqualTo(invalid);
      assertThat(td.host.regs.r11).as("too wide").isEqualTo(invalid);
    }
  }

  @Test
  void touchingAPendingPageRaisesVe() {
    GuestCode code = new GuestCode().load(PAGE + 0x18);
    try (GuestTd td = new GuestTd(code)) {
      td.augment(PAGE);

      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r15).isEqualTo(VE);
      assertThat(td.host.regs.r12).isEqualTo(EPT_VIOLATION);
      assertThat(td.host.regs.r13 & 7).as("a read").isEqualTo(1);
      assertThat(td.host.regs.r8).as("GLA").isEqualTo(PAGE + 0x18);
      assertThat(td.host.regs.r9).as("GPA").isEqualTo(PAGE + 0x18);
    }
  }

  @Test
  void touchingAPendingPageLeavesWhenVeIsDisabledForThat() {
    GuestCode code = new GuestCode().load(PAGE + 0x18);
    try (GuestTd td = new GuestTd(TdAttributes.SEPT_VE_DISABLE, 4, code)) {
      td.augment(PAGE);

      assertThat(td.enter()).isEqualTo(EPT_VIOLATION);

      assertThat(td.host.regs.r8).isEqualTo(PAGE);
      assertThat(td.host.regs.rdx).isEqualTo(PENDING_QUALIFICATION);
    }
  }

  @Test
  void missingPrivatePageLeavesWithoutTellingTheOffset() {
    GuestCode code = new GuestCode().set(GuestCode.RBX, 99).load(PAGE + 0x123).report();
    try (GuestTd td = new GuestTd(code)) {
      assertThat(td.enter()).isEqualTo(EPT_VIOLATION);

      assertThat(td.host.regs.r8).isEqualTo(PAGE);
      assertThat(td.host.regs.rcx & 7).isEqualTo(1);
      assertThat(td.host.regs.rcx & 0x1f80).as("the guest's paging").isZero();
      assertThat(td.host.regs.rdx).isZero();
      assertThat(td.host.regs.rbx).as("guest register").isZero();
    }
  }

  @Test
  void missingSharedPageLeavesWithTheSharedBit() {
    GuestCode code = new GuestCode().load(GuestTd.SHARED_WINDOW + 0x5018);
    try (GuestTd td = new GuestTd(code)) {
      td.giveSharedEpt();
      assertThat(td.enter()).isEqualTo(EPT_VIOLATION);

      assertThat(td.host.regs.r8).isEqualTo(GuestTd.SHARED_BIT | 0x5000);
      assertThat(td.host.regs.rdx).isZero();
    }
  }

  @Test
  void missingSharedPageRaisesVeUnlessTheHostSuppressesIt() {
    GuestCode load = new GuestCode().load(GuestTd.SHARED_WINDOW + 0x5018);
    GuestCode leaf = new GuestCode().leaf(REPORT, GuestTd.SHARED_BIT | 0x5000, GuestTd.DATA, 0);
    try (GuestTd td = new GuestTd(load)) {
      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r15).isEqualTo(VE);
      assertThat(td.host.regs.r12).isEqualTo(EPT_VIOLATION);
      assertThat(td.host.regs.r9).as("GPA").isEqualTo(GuestTd.SHARED_BIT | 0x5018);
    }
    try (GuestTd td = new GuestTd(leaf)) {
      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r15).isEqualTo(VE);
      assertThat(td.host.regs.r13).as("a read and a write").isEqualTo(3);
      assertThat(td.host.regs.r8).as("GLA").isZero();
      assertThat(td.host.regs.r9).as("GPA").isEqualTo(GuestTd.SHARED_BIT | 0x5000);
    }
  }

  @Test
  void reportChecksOperandsInOrderAndAlignmentFirst() {
    long both = GuestTd.DATA + 8;
    GuestCode code =
        new GuestCode()
            .leaf(REPORT, both, both, 1)
            .move(12, GuestCode.RAX)
            .leaf(REPORT, 1L << 60, both, 1)
            .move(13, GuestCode.RAX)
            .leaf(REPORT, 1L << 60, GuestTd.DATA, 1)
            .move(14, GuestCode.RAX)
            .leaf(REPORT, 1L << 60, GuestTd.DATA, 0)
            .move(11, GuestCode.RAX)
            .report();
    try (GuestTd td = new GuestTd(code)) {
      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r12).isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RCX));
      assertThat(td.host.regs.r13).isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RDX));
      assertThat(td.host.regs.r14).isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.R8));
      assertThat(td.host.regs.r11).isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RCX));
    }
  }

  @Test
  void extendReadsTheGuestsPageBeforeItLooksAtTheRegisterNumber() {
    GuestCode code =
        new GuestCode()
            .leaf(EXTEND, GuestTd.DATA, 4)
            .move(12, GuestCode.RAX)
            .leaf(EXTEND, PAGE, 4)
            .report();
    try (GuestTd td = new GuestTd(code)) {
      assertThat(td.enter()).as("nothing is mapped there").isEqualTo(EPT_VIOLATION);

      assertThat(td.host.regs.r8).isEqualTo(PAGE);
      assertThat(td.vcpu().state().gpr(12))
          .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RDX));
    }
  }

  @Test
  void informationThatIsNotThereIsZero() {
    GuestCode code =
        new GuestCode()
            .set(GuestCode.RDX, -1)
            .set(8, -1)
            .set(10, -1)
            .leaf(3, -1)
            .move(11, GuestCode.RAX)
            .move(12, GuestCode.RCX)
            .move(13, GuestCode.RDX)
            .report();
    try (GuestTd td = new GuestTd(code)) {
      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r11).isEqualTo(Status.NO_VALID_VE_INFO);
      assertThat(td.host.regs.r12).isZero();
      assertThat(td.host.regs.r13).isZero();
      assertThat(td.host.regs.r8).isZero();
      assertThat(td.host.regs.r10).isZero();
    }
  }

  @Test
  void reportBindsDataMeasurementsAndIsAuthentic() {
    GuestCode code =
        new GuestCode()
            .set(GuestCode.RAX, 0x0123456789abcdefL)
            .store(GuestTd.DATA)
            .leaf(2, GuestTd.DATA, 3)
            .move(8, GuestCode.RAX)
            .move(13, 8)
            .leaf(4, GuestTd.DATA + 0x400, GuestTd.DATA, 0)
            .move(9, GuestCode.RAX)
            .leaf(22, GuestTd.DATA + 0x400)
            .move(10, GuestCode.RAX)
            .set(GuestCode.RAX, 0)
            .store(GuestTd.DATA + 0x400 + 128)
            .leaf(22, GuestTd.DATA + 0x400)
            .move(11, GuestCode.RAX)
            .report();
    try (GuestTd td = new GuestTd(code)) {
      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r13).as("RTMR.EXTEND").isZero();
      assertThat(td.host.regs.r9).as("REPORT").isZero();
      assertThat(td.host.regs.r10).as("VERIFYREPORT").isZero();
      assertThat(td.host.regs.r11)
          .as("VERIFYREPORT of a changed report")
          .isEqualTo(Status.INVALID_REPORTMACSTRUCT);
      byte[] report = read(td, GuestTd.DATA + 0x400, TdReport.SIZE);
      LittleEndian.put64(report, 128, 0x0123456789abcdefL);
      assertThat(td.host.platform.reportMac().verify(report)).isTrue();
      assertThat(Arrays.copyOfRange(report, 528, 576)).isEqualTo(td.tdcs().mrtd());
      byte[] extended = new byte[96];
      LittleEndian.put64(extended, 48, 0x0123456789abcdefL);
      assertThat(Arrays.copyOfRange(report, 864, 912)).isEqualTo(Sha384.of(extended));
    }
  }

  @Test
  void hostWriteToPrivateMemoryStopsTheTdAtItsNextRead() {
    GuestCode code = new GuestCode().report().load(GuestTd.DATA).report();
    try (GuestTd td = new GuestTd(code)) {
      assertThat(td.enter()).isEqualTo(TDCALL);
      td.host.host().write64(new Hpa(td.privatePage(7)), 1);

      long status = td.enter();

      assertThat(Status.is(status, Status.NON_RECOVERABLE_TD_NON_ACCESSIBLE)).isTrue();
      assertThat(Status.is(td.enter(), Status.TD_FATAL)).isTrue();
    }
  }

  @Test
  void exceptionWhoseDeliveryLeftTheTdIsDeliveredAtTheNextEntry() {
    GuestCode code =
        new GuestCode()
            .leaf(ACCEPT, PAGE)
            .report()
            .set(GuestCode.RSP, PAGE + 0x1000)
            .hex("0f0b"); // UD2: its frame goes to a page that is blocked by then
    try (GuestTd td = new GuestTd(code)) {
      td.augment(PAGE);
      assertThat(td.enter()).isEqualTo(TDCALL);
      Host.ok(td.host.call(Host.RANGE_BLOCK, PAGE, td.tdr));
      Host.ok(td.host.call(Host.MEM_TRACK, td.tdr));

      assertThat(td.enter()).isEqualTo(EPT_VIOLATION);
      assertThat(td.host.regs.r8).isEqualTo(PAGE);
      Host.ok(td.host.call(Host.RANGE_UNBLOCK, PAGE, td.tdr));

      assertThat(td.enter()).isEqualTo(TDCALL);
      assertThat(td.host.regs.r15).isEqualTo(6);
      assertThat(td.host.regs.rbx).as("RIP of UD2").isEqualTo(GuestTd.CODE + code.length() - 2);
    }
  }

  @Test
  void guestThatWaitsTooLongForALockOfTheHostLeaves() {
    GuestCode code = new GuestCode().set(8, 0);
    int loop = code.length();
    code.leaf(ACCEPT, PAGE).hex("4885c0"); // TEST RAX, RAX
    int back = loop - code.length() - 2;
    code.hex("75%02x".formatted(back & 0xff)); // JNZ loop
    code.report();
    try (GuestTd td = new GuestTd(code)) {
      td.augment(PAGE);
      long timeout = TdFields.TABLE.idOf("HP_LOCK_TIMEOUT");
      Host.ok(td.host.call(Host.MNG_WR, td.tdr, timeout, 10_000, -1));
      SeptEntry entry = td.tdcs().sept().walk(PAGE, 0);
      assertThat(entry.tryLockGuest()).isTrue();
      assertThat(entry.tryLockHost()).as("a host leaf fails and asks for priority").isFalse();
      entry.release(true);

      long status = td.enter();

      assertThat(status).as("no exit reason").isEqualTo(Status.HOST_PRIORITY_BUSY_TIMEOUT);
      assertThat(td.vcpu().lastExit).isEqualTo(LastExit.ASYNC_TRAP);
      assertThat(td.vcpu().state().gpr(0))
          .as("the guest's leaf is over")
          .isEqualTo(Status.with(Status.OPERAND_BUSY, Operand.RCX));
      assertThat(entry.tryLockHost()).isTrue();
      entry.release(true);
      long hint = 1L << 52;
      td.host.regs.rax = 0;
      td.host.regs.rcx = td.tdvpr | hint;
      td.host.module.seamcall(td.lp, td.host.regs);
      assertThat(td.host.regs.rax).isEqualTo(TDCALL);
      assertThat(td.host.call(0, td.tdvpr | hint))
          .as("a hint after another exit")
          .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RCX));
    }
  }

  @Test
  void guestReadsPlatformFieldsOneByOneAndAsAList() {
    GuestCode code =
        new GuestCode()
            .leaf(11, 0, FieldTable.NO_FIELD)
            .move(12, GuestCode.RAX)
            .move(13, GuestCode.RDX)
            .leaf(12, 0, GuestTd.DATA, FieldTable.NO_FIELD)
            .move(14, GuestCode.RAX)
            .move(9, 8)
            .report();
    try (GuestTd td = new GuestTd(code)) {
      assertThat(td.enter()).isEqualTo(TDCALL);

      long first = PlatformFields.TABLE.firstReadable(AccessMode.GUEST);
      assertThat(td.host.regs.r12).isEqualTo(Status.METADATA_FIRST_FIELD_ID_IN_CONTEXT);
      assertThat(td.host.regs.r13).isEqualTo(first);
      assertThat(td.host.regs.r14).isZero();
      assertThat(td.host.regs.r9).as("everything fits").isEqualTo(FieldTable.NO_FIELD);
      byte[] list = read(td, GuestTd.DATA, 4096);
      assertThat(LittleEndian.u16(list, 2)).as("sequences").isPositive();
      assertThat(LittleEndian.u64(list, 8) & 0xff00_0000_00ff_ffffL)
          .as("class and code of the first sequence")
          .isEqualTo(first & 0xff00_0000_00ff_ffffL);
    }
  }

  @Test
  void pageAttributesShowSizeAndState() {
    GuestCode code =
        new GuestCode()
            .leaf(23, PAGE)
            .move(12, GuestCode.RCX)
            .move(13, GuestCode.RDX)
            .leaf(ACCEPT, PAGE)
            .leaf(23, PAGE)
            .move(14, GuestCode.RCX)
            .leaf(24, PAGE, 0, 0)
            .move(9, GuestCode.RAX)
            .move(15, GuestCode.RDX)
            .leaf(24, PAGE, 0x800f, 0)
            .move(10, GuestCode.RAX)
            .leaf(24, PAGE, 0, 0xf)
            .move(11, GuestCode.RAX)
            .leaf(24, 1, 0, 0)
            .move(GuestCode.RBX, GuestCode.RAX)
            .set(8, 0)
            .report();
    try (GuestTd td = new GuestTd(code)) {
      td.augment(PAGE);

      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r12).as("pending").isEqualTo(PAGE | 1L << 62);
      assertThat(td.host.regs.r13).isEqualTo(0x800f);
      assertThat(td.host.regs.r14).as("accepted").isEqualTo(PAGE);
      assertThat(td.host.regs.r9).isZero();
      assertThat(td.host.regs.r15).isEqualTo(0x800f);
      assertThat(td.host.regs.r10).isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RDX));
      assertThat(td.host.regs.r11).isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.R8));
      assertThat(td.host.regs.rbx).isEqualTo(Status.with(Status.PAGE_SIZE_MISMATCH, 1));
    }
  }

  private static byte[] read(GuestTd td, long gpa, int length) {
    byte[] bytes = new byte[length];
    long hpa = td.tdcs().sept().walk(gpa, 0).hpaOf(gpa);
    td.vcpu().bus().read(td.vcpu().keyed(hpa), bytes, 0, length);
    return bytes;
  }
}
