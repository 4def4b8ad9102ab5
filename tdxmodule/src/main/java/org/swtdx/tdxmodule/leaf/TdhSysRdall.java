package org.swtdx.tdxmodule.leaf;

import org.swtdx.memory.seam.PhysicalBus;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.metadata.AccessMode;
import org.swtdx.tdxmodule.metadata.FieldTable;
import org.swtdx.tdxmodule.metadata.PlatformFields;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * TDH.SYS.RDALL, leaf 37: writes a metadata list with all readable platform-scope fields, or those
 * that fit, from a field on. The list has one sequence per array of fields.
 */
final class TdhSysRdall implements HostLeaf {
  private static final int LIST_SIZE = 4096;
  private static final int HEADER_SIZE = 8;

  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    TdxPlatform platform = call.platform();
    Refusal.unless(platform.lpInitialized(call.lp()), Status.SYS_LP_INIT_NOT_DONE);
    call.checkSharedHpa(regs.rdx, LIST_SIZE, Operand.RDX);
    FieldTable<TdxPlatform> table = PlatformFields.TABLE;
    long field = regs.r8 == FieldTable.NO_FIELD ? table.firstReadable(AccessMode.HOST) : regs.r8;
    table.read(platform, field, AccessMode.HOST); // refuses an id that cannot be read

    PhysicalBus bus = platform.bus();
    int size = HEADER_SIZE;
    int sequences = 0;
    while (field != FieldTable.NO_FIELD) {
      int elements = table.remaining(field);
      if (size + 8 * (1 + elements) > LIST_SIZE) {
        break;
      }
      bus.store(regs.rdx + size, 8, table.sequenceHeader(field));
      size += 8;
      for (int i = 0; i < elements; i++) {
        bus.store(regs.rdx + size, 8, table.read(platform, field, AccessMode.HOST));
        field = table.nextReadable(field, AccessMode.HOST);
        size += 8;
      }
      sequences++;
    }
    bus.store(regs.rdx, 8, size | (long) sequences << 16);

    regs.r8 = field;
    return Status.SUCCESS;
  }
}
