package org.swtdx.tdxmodule.guest;

import java.util.function.Function;
import org.swtdx.tdxmodule.metadata.AccessMode;
import org.swtdx.tdxmodule.metadata.FieldTable;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * What the metadata leaves of the guest share: RDX names a field, R8 holds its value.
 *
 * @param <C> what holds the values
 */
final class FieldLeaf<C> {
  private final FieldTable<C> table;
  private final Function<TdCall, C> holder;
  private final boolean namesVm;

  /**
   * A leaf on the fields of {@code table}.
   *
   * @param holder finds what holds their values
   * @param namesVm whether RCX names a VM, of which there is only VM 0
   */
  FieldLeaf(FieldTable<C> table, Function<TdCall, C> holder, boolean namesVm) {
    this.table = table;
    this.holder = holder;
    this.namesVm = namesVm;
  }

  /** Reads a field; with {@code enumerates} RDX becomes the id of the next one. */
  long read(TdCall call, boolean enumerates) throws Refusal {
    long field = call.get(Operand.RDX);
    if (enumerates) {
      call.set(Operand.RDX, FieldTable.NO_FIELD);
    }
    call.set(Operand.R8, 0);
    checkVm(call);
    if (enumerates && FieldTable.isNoField(field)) {
      call.set(Operand.RDX, table.firstReadable(AccessMode.GUEST));
      return Status.METADATA_FIRST_FIELD_ID_IN_CONTEXT;
    }
    call.set(Operand.R8, table.read(holder.apply(call), field, AccessMode.GUEST));
    if (enumerates) {
      call.set(Operand.RDX, table.nextReadable(field, AccessMode.GUEST));
    }
    return Status.SUCCESS;
  }

  private void checkVm(TdCall call) throws Refusal {
    Refusal.operandInvalidIf(namesVm && call.get(Operand.RCX) != 0, Operand.RCX);
  }

  /** Writes the bits of a field that R9 selects; R8 becomes the old value. */
  long write(TdCall call) throws Refusal {
    long value = call.get(Operand.R8);
    call.set(Operand.R8, 0);
    checkVm(call);
    long old =
        table.write(
            holder.apply(call),
            call.get(Operand.RDX),
            value,
            call.get(Operand.R9),
            AccessMode.GUEST);
    call.set(Operand.R8, old);
    return Status.SUCCESS;
  }
}
