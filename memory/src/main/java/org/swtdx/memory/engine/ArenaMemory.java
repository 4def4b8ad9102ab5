package org.swtdx.memory.engine;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.FrameAllocator;
import org.swtdx.memory.HostView;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.memory.seam.PhysicalBus;

/** Physical memory as one mapping from hpa 0 to the end of the last CMR. */
public final class ArenaMemory implements PhysicalMemory {
  private static final long LARGE_PAGE = 1L << 21;

  private final PhysicalAddressLayout layout;
  private final List<Cmr> cmrs;
  private final Backing backing;
  private final KeyedMemory memory;
  private final PhysicalBus bus;
  private final HostView host;
  private final FrameAllocator allocator;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicInteger attached = new AtomicInteger();

  /** Checks the ranges and maps the arena; see {@link PhysicalMemory#create}. */
  public ArenaMemory(PhysicalAddressLayout layout, List<Cmr> cmrs, RandomGenerator entropy) {
    this.layout = layout;
    this.cmrs = List.copyOf(cmrs);
    long top = checkedTop(layout, this.cmrs);
    this.backing = Backing.create(top);
    this.memory =
        new KeyedMemory(
            layout, backing.base(), new Frames(this.cmrs, top), new Keys(layout, entropy));
    this.bus = new PhysicalBus(memory);
    this.host = new HostFace(memory);
    this.allocator = new BitmapFrameAllocator(memory, this.cmrs, top);
  }

  private static long checkedTop(PhysicalAddressLayout layout, List<Cmr> cmrs) {
    long end = 0;
    for (Cmr cmr : cmrs) {
      if (((cmr.base().value() | cmr.size()) & (Hpa.PAGE_SIZE - 1)) != 0
          || cmr.base().value() < end
          || cmr.size() <= 0
          || cmr.end().value() > 1L << layout.keyIdShift()) {
        throw new IllegalArgumentException(
            "CMRs must be page-aligned, ascending, disjoint and below 2^"
                + layout.keyIdShift()
                + ": "
                + cmr);
      }
      end = cmr.end().value();
    }
    if (end == 0) {
      throw new IllegalArgumentException("a platform has at least one CMR");
    }
    return end;
  }

  @Override
  public PhysicalAddressLayout layout() {
    return layout;
  }

  @Override
  public List<Cmr> cmrs() {
    return cmrs;
  }

  @Override
  public HostView host() {
    return host;
  }

  @Override
  public FrameAllocator frames() {
    return allocator;
  }

  @Override
  public Hpa attach(int fd, long offset, long size, boolean shared) throws IOException {
    checkWholeFrames(offset | size);
    long alignment = size >= LARGE_PAGE ? LARGE_PAGE : Hpa.PAGE_SIZE;
    Hpa range =
        allocator
            .allocateContiguous(size / Hpa.PAGE_SIZE, alignment)
            .orElseThrow(() -> new IOException("no room for " + size + " bytes of lent memory"));
    try {
      backing.mapFile(range.value(), size, fd, offset, shared);
    } catch (IOException e) {
      allocator.freeContiguous(range, size / Hpa.PAGE_SIZE);
      throw e;
    }
    memory.adopt(range.value(), size);
    attached.incrementAndGet();
    return range;
  }

  @Override
  public void detach(Hpa range, long size) {
    checkWholeFrames(size);
    memory.disown(range.value(), size, () -> backing.unmapFile(range.value(), size));
    attached.decrementAndGet();
    allocator.freeContiguous(range, size / Hpa.PAGE_SIZE);
  }

  @Override
  public boolean hasAttached() {
    return attached.get() != 0;
  }

  private static void checkWholeFrames(long bits) {
    if ((bits & (Hpa.PAGE_SIZE - 1)) != 0) {
      throw new IllegalArgumentException("only whole frames can be lent");
    }
  }

  /** The bus, for {@link PhysicalBus#of} alone. */
  public PhysicalBus bus() {
    return bus;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      backing.close();
    }
  }
}
