package org.swtdx.tdxmodule.reference;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.tdxmodule.reference.LeafText.Check;

/** The checks that many leaves share, as the leaf tables abbreviate them. */
final class UsualChecks {
  private UsualChecks() {}

  static List<Check> expand(String line) {
    String[] words = line.split(" ", -1);
    return switch (words[0]) {
      case "refuse" -> refuse(line.substring("refuse ".length()));
      case "tdr" -> page(words[1], "the page is no TDR");
      case "tdvpr" -> page(words[1], "the page is no TDVPR");
      case "page" -> page(words[1], "the page is in use or reserved");
      case "shared" ->
          List.of(
              check(
                  "OPERAND_INVALID",
                  words[1],
                  "no multiple of " + words[2] + ", too wide, or a private KeyID"));
      case "gpa" ->
          List.of(
              check("OPERAND_INVALID", words[1], "no multiple of " + words[2] + ", or too wide"));
      case "private" ->
          List.of(
              check(
                  "OPERAND_INVALID",
                  words[1],
                  (words[2].equals("1") ? "" : "no multiple of " + words[2] + ", ")
                      + "too wide, or shared"));
      case "access" ->
          List.of(
              check(
                  "",
                  "",
                  "the memory at "
                      + words[1]
                      + " cannot be accessed: #VE or a TD exit, then the leaf is executed again"));
      case "owner" -> List.of(check("OPERAND_BUSY", "TDR", "the TD is in use by another leaf"));
      case "td" -> td(true);
      case "td-alone" -> td(false);
      case "mapping" ->
          List.of(
              check(
                  "OPERAND_INVALID",
                  "RCX",
                  "another level than "
                      + words[1]
                      + ", a reserved bit, or a GPA that is misaligned,"
                      + " shared, or too wide"));
      case "entry" ->
          List.of(
              check("OPERAND_BUSY", "SEPT_TREE", "the tree is in use by another leaf"),
              check("EPT_WALK_FAILED", "RCX", "a Secure EPT page is missing or blocked"),
              check("OPERAND_BUSY", "RCX", "the entry is in use by another leaf"));
      case "state" ->
          List.of(
              check(
                  "EPT_ENTRY_STATE_INCORRECT",
                  "RCX",
                  "the entry's state is not accepted, see below"));
      case "tracked" ->
          List.of(
              check("OPERAND_BUSY", "RCX", "the page's metadata is in use by another leaf"),
              check("GPA_RANGE_NOT_BLOCKED", "RCX", "the TD may run and the entry is not blocked"),
              check("TLB_TRACKING_NOT_DONE", "RCX", "the TD may run and may hold a translation"));
      case "vcpu" ->
          List.of(
              check("TDCX_NUM_INCORRECT", "", "the vCPU lacks pages"),
              check("VCPU_STATE_INCORRECT", "", "the vCPU is not ready, or it runs"),
              check("VCPU_ASSOCIATED", "", "another logical processor has the vCPU"));
      case "read" ->
          List.of(
              check("METADATA_FIELD_ID_INCORRECT", "", "there is no such field"),
              check("METADATA_FIELD_NOT_READABLE", "", "the caller may not read it"));
      case "write" ->
          List.of(
              check("METADATA_FIELD_ID_INCORRECT", "", "there is no such field"),
              check("METADATA_FIELD_NOT_WRITABLE", "", "the caller may write none of the bits"),
              check(
                  "METADATA_FIELD_VALUE_NOT_VALID",
                  "",
                  "the value is not valid, or changes a bit that may not be written"),
              check(
                  "METADATA_WR_MASK_NOT_VALID",
                  "",
                  "the mask leaves out a part of a field that is written as a whole"),
              check("OPERAND_BUSY", "METADATA_FIELD", "somebody else wrote the field meanwhile"));
      case "lock" -> List.of(check("OPERAND_BUSY", words[1], "in use by another leaf"));
      case "sys" -> List.of(check("SYS_BUSY", "", "another leaf of the bring-up is under way"));
      default -> throw new IllegalArgumentException("unknown check: " + line);
    };
  }

  private static List<Check> page(String operand, String wrongType) {
    return List.of(
        check("OPERAND_INVALID", operand, "no multiple of the page size, or KeyID bits set"),
        check("OPERAND_ADDR_RANGE_ERROR", operand, "in no initialized TDMR"),
        check("OPERAND_BUSY", operand, "in use by another leaf"),
        check("PAGE_METADATA_INCORRECT", operand, wrongType + ", or it has another size"));
  }

  private static List<Check> td(boolean locked) {
    List<Check> checks = new ArrayList<>();
    checks.add(check("TD_FATAL", "", "the TD hit a fatal error"));
    checks.add(
        check("TD_KEYS_NOT_CONFIGURED", "", "the TD's key is not in place on every package"));
    checks.add(check("TDCS_NOT_ALLOCATED", "", "the TD lacks control pages"));
    if (locked) {
      checks.add(check("OPERAND_BUSY", "OP_STATE", "the operation state is about to change"));
    }
    checks.add(check("OP_STATE_INCORRECT", "", "the operation state is not accepted, see below"));
    return checks;
  }

  private static List<Check> refuse(String text) {
    String[] words = text.split(" ", 2);
    int open = words[0].indexOf('(');
    if (open < 0) {
      return List.of(new Check(words[0], "", words[1], false));
    }
    List<Check> checks = new ArrayList<>();
    String operands = words[0].substring(open + 1, words[0].length() - 1);
    for (String operand : operands.split(",", -1)) {
      checks.add(new Check(words[0].substring(0, open), operand, words[1], false));
    }
    return checks;
  }

  private static Check check(String status, String operand, String text) {
    return new Check(status, operand, text, true);
  }
}
