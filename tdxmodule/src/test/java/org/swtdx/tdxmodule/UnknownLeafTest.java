package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.guest.TdCallDispatcher;
import org.swtdx.tdxmodule.leaf.LeafTable;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.table.LeafRow;

/** Leaf numbers that the tables do not offer answer as numbers that nobody has. */
@Timeout(20)
class UnknownLeafTest {
  private static final long UNKNOWN = Status.with(Status.OPERAND_INVALID, Operand.RAX);

  @Test
  void hostLeafNumbers() {
    List<Integer> offered = numbers(LeafTable.rows());
    try (Host host = Host.ready()) {
      SeamRegisters regs = host.regs;
      for (int number = 0; number < 0x10000; number += number < 256 ? 1 : 61) {
        if (!offered.contains(number)) {
          regs.rax = number;
          regs.rcx = 0x1234;
          regs.r8 = 0x5678;
          host.module.seamcall(host.platform.processors().getFirst(), regs);
          assertThat(regs.rax).as("leaf %d", number).isEqualTo(UNKNOWN);
          assertThat(regs.rcx).isEqualTo(0x1234);
          assertThat(regs.r8).isEqualTo(0x5678);
        }
      }
    }
  }

  @Test
  void guestLeafNumbers() {
    List<Integer> offered = numbers(TdCallDispatcher.rows());
    List<Integer> unknown =
        IntStream.concat(IntStream.range(0, 80), IntStream.of(0xffff))
            .filter(n -> !offered.contains(n))
            .boxed()
            .toList();
    GuestCode code = new GuestCode();
    for (int number : unknown) {
      code.leaf(number).move(12, GuestCode.RAX).report();
    }
    try (GuestTd td = new GuestTd(code.spin())) {
      for (int number : unknown) {
        td.enter();
        assertThat(td.host.regs.r12).as("leaf %d", number).isEqualTo(UNKNOWN);
      }
    }
  }

  private static List<Integer> numbers(List<LeafRow> rows) {
    return rows.stream().filter(LeafRow::offered).map(LeafRow::number).toList();
  }
}
