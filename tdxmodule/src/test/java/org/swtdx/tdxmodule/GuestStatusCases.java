package org.swtdx.tdxmodule;

import static org.swtdx.tdxmodule.StatusCase.loaded;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.tdxmodule.status.Operand;

/** How to reach the statuses of the guest's leaves: what a guest finds in RAX. */
final class GuestStatusCases {
  private static final long GPA = 0x4000_0000L;
  private static final long DATA = GuestTd.DATA;
  private static final long VERSION_2 = 2 << 16;

  private GuestStatusCases() {}

  static List<StatusCase> all() {
    List<StatusCase> cases = new ArrayList<>();
    addVcpu(cases);
    addMeasurement(cases);
    addAccept(cases);
    addAttributes(cases);
    addSystem(cases);
    return cases;
  }

  private static void add(
      List<StatusCase> cases,
      String name,
      StatusCode code,
      int details,
      long leaf,
      long... operands) {
    add(cases, name, code, details, new GuestCode().leaf((int) leaf, operands), _ -> {});
  }

  private static void add(
      List<StatusCase> cases,
      String name,
      StatusCode code,
      int details,
      GuestCode call,
      Consumer<GuestTd> before) {
    GuestCode whole = call.move(12, GuestCode.RAX).report();
    cases.add(
        loaded(
            name,
            code,
            details,
            _ -> {
              try (GuestTd td = new GuestTd(whole)) {
                before.accept(td);
                td.enter();
                return td.host.regs.r12;
              }
            }));
  }

  private static void addVcpu(List<StatusCase> cases) {
    add(cases, "TDG.VP.VMCALL", StatusCode.OPERAND_INVALID, Operand.RCX, 0, 1);
    add(cases, "TDG.VP.INFO", StatusCode.SUCCESS, 0, 1);
    add(cases, "TDG.VP.INFO", StatusCode.OPERAND_INVALID, Operand.RAX, 1 | VERSION_2);
    add(cases, "TDG.VP.VEINFO.GET", StatusCode.NO_VALID_VE_INFO, 0, 3);
    add(cases, "TDG.VP.VEINFO.GET", StatusCode.OPERAND_INVALID, Operand.RAX, 3 | VERSION_2);
    add(
        cases,
        "TDG.VP.VEINFO.GET",
        StatusCode.SUCCESS,
        0,
        new GuestCode().leaf(3),
        td -> td.vcpu().ve().valid = true);
    add(cases, "TDG.VP.CPUIDVE.SET", StatusCode.SUCCESS, 0, 5, 3);
    add(cases, "TDG.VP.CPUIDVE.SET", StatusCode.OPERAND_INVALID, Operand.RCX, 5, 4);
    add(cases, "TDG.VP.INVEPT", StatusCode.SUCCESS, 0, 26, 0);
    add(cases, "TDG.VP.INVEPT", StatusCode.OPERAND_INVALID, Operand.RCX, 26, 1);
  }

  private static void addMeasurement(List<StatusCase> cases) {
    String extend = "TDG.MR.RTMR.EXTEND";
    add(cases, extend, StatusCode.SUCCESS, 0, 2, DATA, 2);
    add(cases, extend, StatusCode.OPERAND_INVALID, Operand.RDX, 2, DATA, 4);
    String report = "TDG.MR.REPORT";
    add(cases, report, StatusCode.SUCCESS, 0, 4, DATA + 0x400, DATA, 0);
    add(cases, report, StatusCode.OPERAND_INVALID, Operand.R8, 4, DATA + 0x400, DATA, 1);
    String verify = "TDG.MR.VERIFYREPORT";
    add(cases, verify, StatusCode.OPERAND_INVALID, Operand.RCX, 22, DATA + 8);
    add(
        cases,
        verify,
        StatusCode.INVALID_CPUSVN,
        0,
        reported().set(GuestCode.RAX, -1).store(DATA + 0x400 + 16).leaf(22, DATA + 0x400),
        _ -> {});
    add(cases, verify, StatusCode.SUCCESS, 0, reported().leaf(22, DATA + 0x400), _ -> {});
    add(
        cases,
        verify,
        StatusCode.INVALID_REPORTMACSTRUCT,
        0,
        reported().set(GuestCode.RAX, 1).store(DATA + 0x400 + 0xf8).leaf(22, DATA + 0x400),
        _ -> {});
  }

  private static GuestCode reported() {
    return new GuestCode().leaf(4, DATA + 0x400, DATA, 0);
  }

  private static void addAccept(List<StatusCase> cases) {
    String leaf = "TDG.MEM.PAGE.ACCEPT";
    add(cases, leaf, StatusCode.SUCCESS, 0, new GuestCode().leaf(6, GPA), td -> td.augment(GPA));
    add(cases, leaf, StatusCode.OPERAND_INVALID, Operand.RCX, 6, GPA | 2);
    add(cases, leaf, StatusCode.PAGE_ALREADY_ACCEPTED, 0, 6, DATA);
    add(
        cases,
        leaf,
        StatusCode.PAGE_SIZE_MISMATCH,
        1,
        new GuestCode().leaf(6, GPA | 1),
        td -> td.augment(GPA));
    add(
        cases,
        leaf,
        StatusCode.OPERAND_BUSY,
        Operand.RCX,
        new GuestCode().leaf(6, GPA),
        td -> {
          td.augment(GPA);
          td.tdcs().sept().walk(GPA, 0).tryLockHost();
        });
  }

  private static void addAttributes(List<StatusCase> cases) {
    String read = "TDG.MEM.PAGE.ATTR.RD";
    add(cases, read, StatusCode.SUCCESS, 0, 23, DATA);
    add(cases, read, StatusCode.OPERAND_INVALID, Operand.RCX, 23, 1L << 47);
    String write = "TDG.MEM.PAGE.ATTR.WR";
    add(cases, write, StatusCode.SUCCESS, 0, 24, DATA, 0, 0);
    add(cases, write, StatusCode.OPERAND_INVALID, Operand.RDX, 24, DATA, 1L << 63, 0);
    add(cases, write, StatusCode.OPERAND_INVALID, Operand.R8, 24, DATA, 0, 0xf);
    add(
        cases,
        write,
        StatusCode.PAGE_SIZE_MISMATCH,
        1,
        new GuestCode().leaf(24, GPA | 1, 0, 0),
        td -> td.augment(GPA));
  }

  private static void addSystem(List<StatusCase> cases) {
    String rd = "TDG.SYS.RD";
    add(cases, rd, StatusCode.METADATA_FIRST_FIELD_ID_IN_CONTEXT, 0, 11, 0, -1);
    add(cases, rd, StatusCode.SUCCESS, 0, 11, 0, 0x0a00_0003_0000_0008L);
    String rdall = "TDG.SYS.RDALL";
    add(cases, rdall, StatusCode.SUCCESS, 0, 12, 0, DATA, -1);
    add(cases, rdall, StatusCode.OPERAND_INVALID, Operand.RDX, 12, 0, DATA + 8, -1);
  }
}
