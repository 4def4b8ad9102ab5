package org.swtdx.exec;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntConsumer;
import org.swtdx.exec.linux.Mapping;
import org.swtdx.exec.linux.MovedRam;
import org.swtdx.exec.linux.ProcessMemory;
import org.swtdx.exec.linux.SharedRam;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.exec.linux.Tasks;
import org.swtdx.kvm.AddressSpace;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.LostMemory;
import org.swtdx.memory.PhysicalMemory;

/**
 * The memory of a native process as KVM sees it. Arguments are copied; the ranges that memory slots
 * use are shared: their pages are frames of the host, which the guest reaches as any others.
 */
final class LentMemory implements AddressSpace {
  private static final long USER_END = 0x7fff_ffff_f000L;
  private static final long PAGE = Hpa.PAGE_SIZE;

  /** So many ranges can all be looked at whenever there is another one. */
  private static final int FEW = 64;

  private final int pid;
  private final PhysicalMemory memory;
  private final Descriptors descriptors;
  private final IntConsumer letStop;
  private final NavigableMap<Long, LentRange> ranges = new ConcurrentSkipListMap<>();
  private final Map<LentBacking.Key, LentBacking> backings = new HashMap<>();
  private final MovedRam moved = new MovedRam();
  private final List<RangeListener> listeners = new CopyOnWriteArrayList<>();
  private int rangeCount;
  private int lookAtAll;

  LentMemory(int pid, PhysicalMemory memory, Descriptors descriptors, IntConsumer letStop) {
    this.pid = pid;
    this.letStop = letStop;
    this.memory = memory;
    this.descriptors = descriptors;
  }

  @Override
  public boolean read(long uaddr, byte[] target, int offset, int length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, length));
      boolean all = ProcessMemory.read(Call.taskOf(pid), uaddr, bytes.asSlice(0, length));
      if (all) {
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, target, offset, length);
      }
      return all;
    }
  }

  @Override
  public boolean write(long uaddr, byte[] source, int offset, int length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, length));
      MemorySegment.copy(source, offset, bytes, ValueLayout.JAVA_BYTE, 0, length);
      return ProcessMemory.write(Call.taskOf(pid), uaddr, bytes.asSlice(0, length));
    }
  }

  @Override
  public long frame(long uaddr) {
    Map.Entry<Long, LentRange> range = ranges.floorEntry(uaddr);
    return range == null || uaddr >= range.getValue().end()
        ? LentRange.NO_FRAME
        : range.getValue().frame(uaddr);
  }

  /** None: the program may shorten its file at any time. */
  @Override
  public long pinned(long uaddr) {
    return LentRange.NO_FRAME;
  }

  @Override
  public long load(long uaddr, int size) {
    long frame = frame(uaddr);
    if (frame == LentRange.NO_FRAME || (uaddr & PAGE - 1) + size > PAGE) {
      return AddressSpace.super.load(uaddr, size);
    }
    try {
      long value = load(new Hpa(frame + (uaddr & PAGE - 1)), size);
      LostMemory.check();
      return value;
    } catch (InternalError e) {
      LostMemory.expect(e);
      return 0;
    }
  }

  private long load(Hpa hpa, int size) {
    return switch (size) {
      case 1 -> memory.host().read8(hpa);
      case 2 -> memory.host().read16(hpa);
      case 4 -> Integer.toUnsignedLong(memory.host().read32(hpa));
      default -> memory.host().read64(hpa);
    };
  }

  @Override
  public boolean contains(long uaddr, long size) {
    return uaddr >= 0 && size >= 0 && uaddr <= USER_END - size;
  }

  /**
   * Shares what is not shared yet of a range. The pages may have to be moved: then the call being
   * answered starts again in the program, with the answer that KVM gives now.
   */
  @Override
  public synchronized int provide(long uaddr, long size) {
    Call call = Objects.requireNonNull(Call.current(), "memory slots come from calls");
    forgetUnmapped(uaddr, uaddr + size);
    for (long at = uaddr; at < uaddr + size; ) {
      Map.Entry<Long, LentRange> shared = ranges.floorEntry(at);
      if (shared != null && shared.getValue().end() > at) {
        at = shared.getValue().end();
        continue;
      }
      Long next = ranges.higherKey(at);
      long end = next == null ? uaddr + size : Math.min(next, uaddr + size);
      try {
        share(call, at, end - at);
      } catch (IOException e) {
        if (!call.isLost() && Tasks.runs(pid)) {
          Messages.warn("guest memory at %#x of process %d: %s".formatted(at, pid, e.getMessage()));
        }
        return -Syscall.EFAULT;
      }
      at = end;
    }
    return 0;
  }

  /**
   * Lets go of ranges where the process has something else by now: of all while they are few or
   * have doubled in number, else of those near the one that is to be provided.
   */
  private void forgetUnmapped(long from, long to) {
    if (rangeCount < FEW || rangeCount >= lookAtAll) {
      forgetUnmapped(ranges);
      lookAtAll = 2 * rangeCount;
    } else {
      Long first = ranges.floorKey(from);
      forgetUnmapped(ranges.subMap(first == null ? from : first, true, to, false));
    }
  }

  private void forgetUnmapped(NavigableMap<Long, LentRange> some) {
    Map.Entry<Long, LentRange> last = some.lastEntry();
    if (last == null) {
      return;
    }
    NavigableMap<Long, Mapping> mappings = new TreeMap<>();
    try {
      for (Mapping mapping : Mapping.of(Call.taskOf(pid), some.firstKey(), last.getValue().end())) {
        mappings.put(mapping.start(), mapping);
      }
    } catch (IOException e) {
      return; // it has ended
    }
    for (Map.Entry<Long, LentRange> entry : List.copyOf(some.entrySet())) {
      if (!isMapped(mappings, entry.getKey(), entry.getValue())) {
        drop(entry.getKey(), entry.getValue());
      }
    }
  }

  private static boolean isMapped(
      NavigableMap<Long, Mapping> mappings, long start, LentRange range) {
    for (long at = start; at < range.end(); ) {
      Map.Entry<Long, Mapping> found = mappings.floorEntry(at);
      if (found == null || found.getValue().end() <= at) {
        return false;
      }
      Mapping mapping = found.getValue();
      if (!mapping.shared()
          || !mapping.file().equals(range.backing().key().file())
          || mapping.offset() - mapping.start() != range.origin()) {
        return false;
      }
      at = mapping.end();
    }
    return true;
  }

  private void drop(long start, LentRange range) {
    listeners.forEach(listener -> listener.begin(start, range.end()));
    ranges.remove(start);
    rangeCount--;
    release(range);
    listeners.forEach(RangeListener::end);
  }

  private void letStop(Call call, int tid) {
    if (tid == call.tid()) {
      call.restart();
    } else {
      letStop.accept(tid);
    }
  }

  private void release(LentRange range) {
    range.release();
    if (range.backing().dropRange()) {
      backings.remove(range.backing().key());
      descriptors.giveBack();
    }
  }

  private void share(Call call, long uaddr, long size) throws IOException {
    List<SharedRam.Piece> pieces =
        SharedRam.share(
            pid,
            call.tid(),
            moved,
            uaddr,
            size,
            ours -> call.give(ours, true),
            tid -> letStop(call, tid));
    try {
      for (SharedRam.Piece piece : pieces) {
        LentBacking.Key key = new LentBacking.Key(piece.file(), piece.writable());
        LentBacking backing = backings.get(key);
        if (backing == null) {
          backing = backing(key, piece.fd());
          backings.put(key, backing);
        }
        backing.addRange();
        long end = piece.address() + piece.size();
        ranges.put(
            piece.address(), new LentRange(memory, backing, piece.address(), end, piece.offset()));
        rangeCount++;
      }
    } finally {
      pieces.forEach(piece -> Syscall.call(Syscall.CLOSE, piece.fd()));
    }
  }

  private LentBacking backing(LentBacking.Key key, int fd) throws IOException {
    if (!descriptors.take()) {
      throw new IOException("the program occupies too many descriptors");
    }
    return new LentBacking(key, (int) Syscall.call(Syscall.DUP, fd));
  }

  @Override
  public void addListener(RangeListener listener) {
    listeners.add(listener);
  }

  @Override
  public void removeListener(RangeListener listener) {
    listeners.remove(listener);
  }

  /** Gives the frames back; no guest uses them any more. */
  synchronized void release() {
    ranges.values().forEach(this::release);
    ranges.clear();
    rangeCount = 0;
    moved.close();
  }
}
