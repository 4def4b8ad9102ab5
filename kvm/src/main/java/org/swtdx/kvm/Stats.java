package org.swtdx.kvm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** The counters of a VM or a vCPU, and their image as a statistics file has it. Any thread. */
final class Stats {
  private static final int NAME_BYTES = 48;
  private static final int HEADER_BYTES = 24;
  private static final int DESCRIPTOR_BYTES = 16 + NAME_BYTES;

  /** Flags of every descriptor: a cumulative count without unit, to the power of ten. */
  private static final int CUMULATIVE_COUNT = 0;

  private final List<Stat> kinds;
  private final Map<Stat, LongAdder> values = new EnumMap<>(Stat.class);

  Stats(boolean ofVm) {
    kinds = Arrays.stream(Stat.values()).filter(stat -> stat.ofVm() == ofVm).toList();
    kinds.forEach(stat -> values.put(stat, new LongAdder()));
  }

  void count(Stat stat) {
    LongAdder value = values.get(stat);
    if (value != null) {
      value.increment();
    }
  }

  /**
   * The image: {@code struct kvm_stats_header}, the id, descriptors, values.
   *
   * @param id whose counters they are
   */
  byte[] image(String id) {
    int descriptors = HEADER_BYTES + NAME_BYTES;
    int data = descriptors + kinds.size() * DESCRIPTOR_BYTES;
    ByteBuffer out = ByteBuffer.allocate(data + 8 * kinds.size()).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(0).putInt(NAME_BYTES).putInt(kinds.size());
    out.putInt(HEADER_BYTES).putInt(descriptors).putInt(data);
    putName(out, id);
    for (int i = 0; i < kinds.size(); i++) {
      out.putInt(CUMULATIVE_COUNT).putShort((short) 0).putShort((short) 1);
      out.putInt(8 * i).putInt(0);
      putName(out, kinds.get(i).label());
    }
    for (Stat kind : kinds) {
      LongAdder value = values.get(kind);
      out.putLong(value == null ? 0 : value.sum());
    }
    return out.array();
  }

  private static void putName(ByteBuffer out, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    out.put(Arrays.copyOf(bytes, NAME_BYTES));
  }
}
