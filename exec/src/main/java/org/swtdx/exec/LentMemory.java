package org.swtdx.exec;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.swtdx.exec.linux.ProcessMemory;
import org.swtdx.exec.linux.SharedRam;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.kvm.AddressSpace;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalMemory;

/**
 * The memory of a native process as KVM sees it. Arguments are copied; the ranges that memory slots
 * use are shared: their pages are frames of the host, which the guest reaches as any others.
 */
final class LentMemory implements AddressSpace {
  private static final long USER_END = 0x7fff_ffff_f000L;
  private static final long PAGE = Hpa.PAGE_SIZE;
  private static final long NO_FRAME = -1;

  private record Range(long end, Hpa frames) {}

  private final int pid;
  private final PhysicalMemory memory;
  private final NavigableMap<Long, Range> ranges = new ConcurrentSkipListMap<>();
  private final List<RangeListener> listeners = new CopyOnWriteArrayList<>();

  LentMemory(int pid, PhysicalMemory memory) {
    this.pid = pid;
    this.memory = memory;
  }

  @Override
  public boolean read(long uaddr, byte[] target, int offset, int length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, length));
      boolean all = ProcessMemory.read(pid, uaddr, bytes.asSlice(0, length));
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
      return ProcessMemory.write(pid, uaddr, bytes.asSlice(0, length));
    }
  }

  @Override
  public long frame(long uaddr) {
    Map.Entry<Long, Range> range = ranges.floorEntry(uaddr);
    return range == null || uaddr >= range.getValue().end
        ? NO_FRAME
        : range.getValue().frames.value() + ((uaddr & -PAGE) - range.getKey());
  }

  @Override
  public long load(long uaddr, int size) {
    long frame = frame(uaddr);
    if (frame == NO_FRAME || (uaddr & PAGE - 1) + size > PAGE) {
      return AddressSpace.super.load(uaddr, size);
    }
    Hpa hpa = new Hpa(frame + (uaddr & PAGE - 1));
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
    for (long at = uaddr; at < uaddr + size; ) {
      Map.Entry<Long, Range> shared = ranges.floorEntry(at);
      if (shared != null && shared.getValue().end > at) {
        at = shared.getValue().end;
        continue;
      }
      Long next = ranges.higherKey(at);
      long end = next == null ? uaddr + size : Math.min(next, uaddr + size);
      try {
        share(call, at, end - at);
      } catch (IOException e) {
        Messages.warn("guest memory at %#x of process %d: %s".formatted(at, pid, e.getMessage()));
        return -Syscall.EFAULT;
      }
      at = end;
    }
    return 0;
  }

  private void share(Call call, long uaddr, long size) throws IOException {
    List<SharedRam.Piece> pieces =
        SharedRam.share(
            pid,
            call.tid(),
            uaddr,
            size,
            ours -> call.listener().addDescriptor(call.id(), ours, true));
    try {
      for (SharedRam.Piece piece : pieces) {
        Hpa frames = memory.attach(piece.fd(), piece.offset(), piece.size());
        ranges.put(piece.address(), new Range(piece.address() + piece.size(), frames));
      }
    } finally {
      pieces.forEach(piece -> Syscall.call(Syscall.CLOSE, piece.fd()));
    }
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
    ranges.forEach((from, range) -> memory.detach(range.frames, range.end - from));
    ranges.clear();
  }
}
