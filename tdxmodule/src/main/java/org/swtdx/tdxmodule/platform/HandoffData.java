package org.swtdx.tdxmodule.platform;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * Handoff data, version 0: what a module keeps inside the SEAM range beyond one leaf and does not
 * set up again when it starts. In order, little endian: the KeyIDs' states and the packages that
 * each still has to be written back on, how far each package's write-back got, the TDMRs, the
 * global KeyID, and the packages that have its key. Where TDs and their pages are is in the PAMT,
 * which is not in the SEAM range.
 */
final class HandoffData {
  private HandoffData() {}

  /** Writes what {@code platform} hands over. */
  static byte[] write(TdxPlatform platform) {
    ByteBuffer out = ByteBuffer.allocate(SeamRange.HANDOFF_CAPACITY).order(ByteOrder.LITTLE_ENDIAN);
    Kot kot = platform.kot();
    out.putInt(kot.size());
    for (int i = 0; i < kot.size(); i++) {
      out.put((byte) kot.state(i).number()).putLong(kot.packagesToWriteBack(i));
    }
    out.putInt(platform.machine().packages());
    for (int i = 0; i < platform.machine().packages(); i++) {
      platform.writeBack(i).write(out);
    }
    List<Tdmr> tdmrs = platform.pamt().tdmrs();
    out.putInt(tdmrs.size());
    for (Tdmr t : tdmrs) {
      out.putLong(t.base()).putLong(t.end()).putLong(t.initialized());
    }
    out.putInt(platform.globalKeyId()).putLong(platform.packagesWithGlobalKey());
    return Arrays.copyOf(out.array(), out.position());
  }

  /**
   * Takes over what another module wrote.
   *
   * @throws Refusal with SYS_INVALID_HANDOFF when the data does not fit this machine; nothing has
   *     changed then
   */
  static void read(byte[] data, TdxPlatform platform, TdMemory memory) throws Refusal {
    ByteBuffer in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    try {
      read(in, platform, memory);
    } catch (BufferUnderflowException _) {
      throw new Refusal(Status.SYS_INVALID_HANDOFF);
    }
  }

  private static void read(ByteBuffer in, TdxPlatform platform, TdMemory memory) throws Refusal {
    Kot kot = platform.kot();
    valid(in.getInt() == kot.size());
    List<Runnable> changes = new ArrayList<>();
    for (int i = 0; i < kot.size(); i++) {
      int keyId = i;
      Kot.State state = Kot.State.of(in.get());
      long packages = in.getLong();
      changes.add(() -> kot.restore(keyId, state, packages));
    }
    valid(in.getInt() == platform.machine().packages());
    for (int i = 0; i < platform.machine().packages(); i++) {
      changes.add(platform.writeBack(i).reader(in));
    }
    List<Tdmr> tdmrs = memory.pamt().tdmrs();
    valid(in.getInt() == tdmrs.size());
    for (Tdmr t : tdmrs) {
      valid(in.getLong() == t.base() && in.getLong() == t.end());
      valid(in.getLong() == t.initialized());
    }
    int globalKeyId = in.getInt();
    valid(platform.layout().isTdx(globalKeyId));
    long packages = in.getLong();
    changes.add(() -> platform.setGlobalKeyId(globalKeyId));
    changes.add(() -> platform.setPackagesWithGlobalKey(packages));
    changes.forEach(Runnable::run);
  }

  private static void valid(boolean condition) throws Refusal {
    Refusal.unless(condition, Status.SYS_INVALID_HANDOFF);
  }
}
