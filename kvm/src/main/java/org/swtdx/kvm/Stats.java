package org.swtdx.kvm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.swtdx.memory.LostMemory;

/** The counters of a VM or a vCPU, and their image as a statistics file has it. Any thread. */
final class Stats {
  private static final int NAME_BYTES = 48;
  private static final int HEADER_BYTES = 24;
  private static final int DESCRIPTOR_BYTES = 16 + NAME_BYTES;

  /** Flags of every descriptor: a cumulative count without unit, to the power of ten. */
  private static final int CUMULATIVE_COUNT = 0;

  private static final VarHandle VALUE = ValueLayout.JAVA_LONG.varHandle();

  private final boolean ofVm;
  private final List<Stat> kinds;
  private final Map<Stat, AtomicLong> values = new EnumMap<>(Stat.class);
  private final List<MemorySegment> images = new CopyOnWriteArrayList<>();

  Stats(boolean ofVm) {
    this.ofVm = ofVm;
    kinds = Arrays.stream(Stat.values()).filter(stat -> stat.ofVm() == ofVm).toList();
    kinds.forEach(kind -> values.put(kind, new AtomicLong()));
  }

  private AtomicLong counter(Stat kind) {
    return Objects.requireNonNull(values.get(kind));
  }

  void count(Stat stat) {
    if (stat.ofVm() == ofVm) {
      long value = counter(stat).incrementAndGet();
      if (!images.isEmpty()) {
        int index = kinds.indexOf(stat);
        images.forEach(image -> show(image, index, value));
      }
    }
  }

  /** Keeps the values in an image up to date, which has the rest already. */
  void showIn(MemorySegment image) {
    images.add(image);
    for (int i = 0; i < kinds.size(); i++) {
      show(image, i, counter(kinds.get(i)).get());
    }
  }

  /** Ends {@link #showIn} of the same object. */
  void showNoMore(MemorySegment image) {
    images.removeIf(image::equals);
  }

  private void show(MemorySegment image, int index, long value) {
    LostMemory.unlessLost(() -> raise(image, index, value));
  }

  /** Values only grow: of two that come at once, the larger one is right. Always true. */
  private boolean raise(MemorySegment image, int index, long value) {
    long at = dataOffset() + 8L * index;
    long shown = (long) VALUE.getVolatile(image, at);
    while (shown < value) {
      long witness = (long) VALUE.compareAndExchange(image, at, shown, value);
      if (witness == shown) {
        return true;
      }
      shown = witness;
    }
    return true;
  }

  private int dataOffset() {
    return HEADER_BYTES + NAME_BYTES + kinds.size() * DESCRIPTOR_BYTES;
  }

  /**
   * The image: {@code struct kvm_stats_header}, the id, descriptors, values.
   *
   * @param id whose counters they are
   */
  byte[] image(String id) {
    int descriptors = HEADER_BYTES + NAME_BYTES;
    int data = dataOffset();
    ByteBuffer out = ByteBuffer.allocate(data + 8 * kinds.size()).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(0).putInt(NAME_BYTES).putInt(kinds.size());
    out.putInt(HEADER_BYTES).putInt(descriptors).putInt(data);
    putName(out, id);
    for (int i = 0; i < kinds.size(); i++) {
      out.putInt(CUMULATIVE_COUNT).putShort((short) 0).putShort((short) 1);
      out.putInt(8 * i).putInt(0);
      putName(out, kinds.get(i).label());
    }
    kinds.forEach(kind -> out.putLong(counter(kind).get()));
    return out.array();
  }

  private static void putName(ByteBuffer out, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    out.put(Arrays.copyOf(bytes, NAME_BYTES));
  }
}
