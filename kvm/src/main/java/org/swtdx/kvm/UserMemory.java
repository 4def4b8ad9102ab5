package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENOMEM;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.swtdx.memory.HostView;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalMemory;

/**
 * The memory of a process: anonymous mappings whose pages are host frames, taken on first use.
 * Accesses outside mappings report failure, never throw. Thread-safe, except that a range must not
 * be unmapped or discarded while another thread copies to or from it.
 */
public final class UserMemory implements AddressSpace {
  private static final long BASE = 0x7f00_0000_0000L;
  private static final long GUARD = 1L << 21;
  private static final long LIMIT = 0x7fff_ffff_f000L;
  private static final int PAGE = Hpa.PAGE_SIZE;

  private final PhysicalMemory memory;
  private final HostView host;
  private final Object change = new Object();
  private final List<RangeListener> listeners = new CopyOnWriteArrayList<>();
  private volatile List<Mapping> mappings = List.of();
  private long next = BASE;

  private record Mapping(long base, long end, FrameTable frames) {}

  UserMemory(PhysicalMemory memory) {
    this.memory = memory;
    host = memory.host();
  }

  @Override
  public void addListener(RangeListener listener) {
    listeners.add(listener);
  }

  @Override
  public void removeListener(RangeListener listener) {
    listeners.remove(listener);
  }

  /** Maps {@code size} bytes of zeroed memory; returns the user address, or -EINVAL or -ENOMEM. */
  public long mmap(long size) {
    if (size <= 0) {
      return -EINVAL;
    }
    long rounded = size + PAGE - 1 & -PAGE;
    synchronized (change) {
      if (rounded <= 0 || rounded > LIMIT - next) {
        return -ENOMEM;
      }
      long base = next;
      next = (base + rounded + GUARD) + GUARD - 1 & -GUARD;
      FrameTable frames = new FrameTable(memory.frames(), rounded / PAGE);
      List<Mapping> list = new ArrayList<>(mappings);
      list.add(new Mapping(base, base + rounded, frames));
      mappings = List.copyOf(list);
      return base;
    }
  }

  /** Unmaps what {@link #mmap} returned and frees its frames: 0 or -EINVAL. */
  public int munmap(long uaddr) {
    Mapping mapping = find(uaddr);
    if (mapping == null || mapping.base != uaddr) {
      return -EINVAL;
    }
    synchronized (change) {
      List<Mapping> list = new ArrayList<>(mappings);
      list.remove(mapping);
      mappings = List.copyOf(list);
    }
    release(mapping, mapping.base, mapping.end);
    return 0;
  }

  /**
   * Gives back the frames of whole pages in a range; they read as zeros afterwards (MADV_DONTNEED).
   * Returns 0, or -EINVAL for a range that is not page-aligned, or -ENOMEM for one not mapped.
   */
  public int discard(long uaddr, long size) {
    if (((uaddr | size) & PAGE - 1) != 0 || size < 0) {
      return -EINVAL;
    }
    Mapping mapping = find(uaddr);
    if (mapping == null || size > mapping.end - uaddr) {
      return -ENOMEM;
    }
    release(mapping, uaddr, uaddr + size);
    return 0;
  }

  private void release(Mapping mapping, long from, long to) {
    for (RangeListener listener : listeners) {
      listener.begin(from, to);
    }
    mapping.frames.release((from - mapping.base) / PAGE, (to - mapping.base) / PAGE);
    for (RangeListener listener : listeners) {
      listener.end();
    }
  }

  private @Nullable Mapping find(long uaddr) {
    List<Mapping> list = mappings;
    for (int i = 0; i < list.size(); i++) {
      Mapping mapping = list.get(i);
      if (uaddr >= mapping.base && uaddr < mapping.end) {
        return mapping;
      }
    }
    return null;
  }

  /** Whether all of a range is mapped. */
  @Override
  public boolean contains(long uaddr, long size) {
    Mapping mapping = find(uaddr);
    return mapping != null && size >= 0 && size <= mapping.end - uaddr;
  }

  /** The frame behind {@code uaddr}'s page, taken if needed; {@link FrameTable#NONE} if none. */
  @Override
  public long frame(long uaddr) {
    Mapping mapping = find(uaddr);
    return mapping == null ? FrameTable.NONE : mapping.frames.take((uaddr - mapping.base) / PAGE);
  }

  /** Copies out of the process's memory; false when part of the range is not mapped. */
  @Override
  public boolean read(long uaddr, byte[] target, int offset, int length) {
    for (int done = 0; done < length; ) {
      long at = uaddr + done;
      int chunk = (int) Math.min(length - done, PAGE - (at & PAGE - 1));
      long frame = frame(at);
      if (frame == FrameTable.NONE) {
        return false;
      }
      host.read(new Hpa(frame + (at & PAGE - 1)), target, offset + done, chunk);
      done += chunk;
    }
    return true;
  }

  /** Copies into the process's memory; false when part of the range is not mapped. */
  @Override
  public boolean write(long uaddr, byte[] source, int offset, int length) {
    for (int done = 0; done < length; ) {
      long at = uaddr + done;
      int chunk = (int) Math.min(length - done, PAGE - (at & PAGE - 1));
      long frame = frame(at);
      if (frame == FrameTable.NONE) {
        return false;
      }
      host.write(new Hpa(frame + (at & PAGE - 1)), source, offset + done, chunk);
      done += chunk;
    }
    return true;
  }

  /** Reads 1, 2, 4 or 8 bytes, zero-extended; 0 when not mapped. */
  @Override
  public long load(long uaddr, int size) {
    if ((uaddr & PAGE - 1) + size > PAGE) {
      long value = 0;
      for (int i = size - 1; i >= 0; i--) {
        value = value << 8 | load(uaddr + i, 1);
      }
      return value;
    }
    long frame = frame(uaddr);
    if (frame == FrameTable.NONE) {
      return 0;
    }
    Hpa hpa = new Hpa(frame + (uaddr & PAGE - 1));
    return switch (size) {
      case 1 -> host.read8(hpa);
      case 2 -> host.read16(hpa);
      case 4 -> Integer.toUnsignedLong(host.read32(hpa));
      default -> host.read64(hpa);
    };
  }

  /** Writes the low 1, 2, 4 or 8 bytes of a value; nothing when not mapped. */
  @Override
  public void store(long uaddr, int size, long value) {
    if ((uaddr & PAGE - 1) + size > PAGE) {
      for (int i = 0; i < size; i++) {
        store(uaddr + i, 1, value >>> 8 * i);
      }
      return;
    }
    long frame = frame(uaddr);
    if (frame == FrameTable.NONE) {
      return;
    }
    Hpa hpa = new Hpa(frame + (uaddr & PAGE - 1));
    switch (size) {
      case 1 -> host.write8(hpa, (int) value);
      case 2 -> host.write16(hpa, (int) value);
      case 4 -> host.write32(hpa, (int) value);
      default -> host.write64(hpa, value);
    }
  }

  /** Bytes mapped. */
  public long mappedBytes() {
    long total = 0;
    for (Mapping mapping : mappings) {
      total += mapping.end - mapping.base;
    }
    return total;
  }

  /** Bytes backed by a frame. */
  public long residentBytes() {
    long total = 0;
    for (Mapping mapping : mappings) {
      total += mapping.frames.resident() * PAGE;
    }
    return total;
  }

  /** Unmaps everything. */
  void clear() {
    for (Mapping mapping : mappings) {
      munmap(mapping.base);
    }
  }
}
