package org.swtdx.vmm.hob;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.attestation.tdvf.TdvfSection;
import org.swtdx.vmm.VmmException;

/** Writes the hand-off block list: information table, one resource per range, end. */
public final class TdHob {
  private static final int TYPE_HANDOFF = 1;
  private static final int TYPE_RESOURCE = 3;
  private static final int TYPE_END = 0xffff;
  private static final int HANDOFF_BYTES = 56;
  private static final int RESOURCE_BYTES = 48;
  private static final int END_BYTES = 8;
  private static final int VERSION = 9;
  private static final int SYSTEM_MEMORY = 0;
  private static final int UNACCEPTED_MEMORY = 7;

  /** Present, initialized, tested. */
  private static final int ATTRIBUTES = 7;

  private TdHob() {}

  /**
   * Makes the list for a TD's firmware.
   *
   * @param ram the machine's RAM, none of it accepted
   * @param image the firmware, whose sections are RAM that needs no accepting
   * @return the bytes at the start of its TD_HOB section
   * @throws VmmException if the section is too small
   */
  public static byte[] of(List<RamRange> ram, TdvfImage image) throws VmmException {
    List<RamRange> added = new ArrayList<>();
    for (TdvfSection s : image.sections()) {
      if (!s.augmented()) {
        added.add(new RamRange(s.gpa(), s.memorySize(), true));
      }
    }
    TdvfSection place = image.tdHob();
    return build(place.gpa(), place.memorySize(), RamRange.split(ram, added));
  }

  /**
   * Makes the list.
   *
   * @param gpa where it will be
   * @param room bytes there are
   * @param ranges RAM, in ascending order
   * @return the bytes from {@code gpa} on
   * @throws VmmException if it doesn't fit
   */
  public static byte[] build(long gpa, long room, List<RamRange> ranges) throws VmmException {
    int length = HANDOFF_BYTES + RESOURCE_BYTES * ranges.size() + END_BYTES;
    if (length > room) {
      throw new VmmException(
          VmmException.Cause.INPUT,
          "the firmware's TD_HOB section of %d bytes is too small for %d memory ranges"
              .formatted(room, ranges.size()));
    }
    ByteBuffer hob = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    header(hob, TYPE_HANDOFF, HANDOFF_BYTES);
    hob.putInt(VERSION).putInt(0); // boot with full configuration
    hob.putLong(0).putLong(0).putLong(0).putLong(0); // memory top and bottom, free top and bottom
    hob.putLong(gpa + length);
    for (RamRange range : ranges) {
      header(hob, TYPE_RESOURCE, RESOURCE_BYTES);
      hob.putLong(0).putLong(0); // owner
      hob.putInt(range.accepted() ? SYSTEM_MEMORY : UNACCEPTED_MEMORY).putInt(ATTRIBUTES);
      hob.putLong(range.start()).putLong(range.length());
    }
    header(hob, TYPE_END, END_BYTES);
    return hob.array();
  }

  private static void header(ByteBuffer hob, int type, int length) {
    hob.putShort((short) type).putShort((short) length).putInt(0);
  }
}
