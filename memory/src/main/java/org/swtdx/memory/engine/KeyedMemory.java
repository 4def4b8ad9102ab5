package org.swtdx.memory.engine;

import static org.swtdx.memory.engine.Frames.CODE;
import static org.swtdx.memory.engine.Frames.DOMAIN;
import static org.swtdx.memory.engine.Frames.LENT;
import static org.swtdx.memory.engine.Frames.LINES_PER_FRAME;
import static org.swtdx.memory.engine.Frames.LINE_SIZE;
import static org.swtdx.memory.engine.Frames.MAPPED;
import static org.swtdx.memory.engine.Frames.MAPPED_FOR_WRITE;
import static org.swtdx.memory.engine.Frames.MIXED;
import static org.swtdx.memory.engine.Frames.OWNER;
import static org.swtdx.memory.engine.Frames.TOUCHED;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.engine.Frames.Chunk;
import org.swtdx.memory.seam.CodeFrame;
import org.swtdx.memory.seam.FrameInvalidation;
import org.swtdx.memory.seam.NativeAccess;
import org.swtdx.memory.seam.PhysicalBus;

/**
 * Accesses with a KeyID. Bytes are kept as plaintext beside the owner of each line, so that an
 * access by the owner is a comparison and a copy; what another key makes of a line is computed when
 * it is asked for.
 *
 * <p>Owner's accesses take no lock. They look at the frame's state, access, and look again: when
 * the frame changed hands in between, a load starts over and a store is repeated as the tampering
 * or the code change that it then is. Everything else happens under the chunk's lock. A change of
 * owner shows {@link Frames#MIXED} while it is under way, which keeps the lock-free accesses out.
 */
public final class KeyedMemory {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final PhysicalAddressLayout layout;
  private final int keyIdShift;
  private final int keyIdMask;
  private final long hpaMask;
  private final long base;
  private final Frames frames;
  private final Keys keys;
  private final CopyOnWriteArrayList<FrameInvalidation> listeners = new CopyOnWriteArrayList<>();

  KeyedMemory(PhysicalAddressLayout layout, long base, Frames frames, Keys keys) {
    this.layout = layout;
    this.keyIdShift = layout.keyIdShift();
    this.keyIdMask = (1 << layout.keyIdBits()) - 1;
    this.hpaMask = (1L << keyIdShift) - 1;
    this.base = base;
    this.frames = frames;
    this.keys = keys;
  }

  /** How keyed addresses are divided. */
  public PhysicalAddressLayout layout() {
    return layout;
  }

  /** See {@link PhysicalBus#addListener}. */
  public void addListener(FrameInvalidation listener) {
    listeners.add(listener);
  }

  /** See {@link PhysicalBus#removeListener}. */
  public void removeListener(FrameInvalidation listener) {
    listeners.remove(listener);
  }

  /** See {@link PhysicalBus#programKey}. */
  public void programKey(int keyId) {
    long old = keys.program(keyId);
    for (int index = 0; index < frames.chunkCount(); index++) {
      Chunk chunk = frames.existing(index);
      if (chunk != null) {
        invalidateOwnedBy(chunk, old);
      }
    }
  }

  private void invalidateOwnedBy(Chunk chunk, long domain) {
    chunk.lock.lock();
    try {
      for (int frame = 0; frame < Frames.FRAMES_PER_CHUNK; frame++) {
        if ((chunk.state(frame) & OWNER) == domain) {
          invalidate(chunk, frame);
        }
      }
    } finally {
      chunk.lock.unlock();
    }
  }

  /** See {@link PhysicalBus#map}. */
  public long map(long keyedHpa, boolean write) {
    long hpa = keyedHpa & hpaMask;
    Chunk chunk = frames.chunk(hpa);
    int frame = Frames.frameIndex(hpa);
    long wanted = write ? MAPPED | MAPPED_FOR_WRITE | TOUCHED : MAPPED;
    long state = chunk.state(frame);
    if ((state & (OWNER | wanted | (write ? CODE : 0))) != (domainOf(keyedHpa) | wanted)) {
      if ((state & Frames.ABSENT) != 0) {
        return PhysicalBus.ABSENT;
      }
      if (!prepareMapping(chunk, frame, keyedHpa, wanted, write)) {
        return PhysicalBus.SLOW;
      }
    }
    return base + hpa;
  }

  private boolean prepareMapping(
      Chunk chunk, int frame, long keyedHpa, long wanted, boolean write) {
    chunk.lock.lock();
    try {
      long state = chunk.state(frame);
      if ((state & OWNER) != domainOf(keyedHpa)) {
        return false;
      }
      if (write && (state & CODE) != 0) {
        chunk.codeFrame(frame).generation++;
        state &= ~CODE;
      }
      chunk.setState(frame, state | wanted);
      return true;
    } finally {
      chunk.lock.unlock();
    }
  }

  /** See {@link PhysicalBus#load}. */
  public long load(long keyedHpa, int size) {
    long hpa = keyedHpa & hpaMask;
    Chunk chunk = frames.chunk(hpa);
    int frame = Frames.frameIndex(hpa);
    long domain = domainOf(keyedHpa);
    if ((chunk.state(frame) & OWNER) == domain) {
      long value = NativeAccess.load(base + hpa, size);
      if ((chunk.state(frame) & OWNER) == domain) {
        return value;
      }
    }
    byte[] bytes = new byte[8];
    readPage(keyedHpa, bytes, 0, size);
    return (long) LONGS.get(bytes, 0);
  }

  /** See {@link PhysicalBus#store}. */
  public void store(long keyedHpa, int size, long value) {
    long hpa = keyedHpa & hpaMask;
    Chunk chunk = frames.chunk(hpa);
    int frame = Frames.frameIndex(hpa);
    long open = domainOf(keyedHpa) | TOUCHED;
    if ((chunk.state(frame) & (OWNER | TOUCHED | CODE)) == open) {
      NativeAccess.store(base + hpa, size, value);
      VarHandle.fullFence();
      if ((chunk.state(frame) & (OWNER | TOUCHED | CODE)) == open) {
        return;
      }
    }
    byte[] bytes = new byte[8];
    LONGS.set(bytes, 0, value);
    writePage(keyedHpa, bytes, 0, size);
  }

  /** See {@link PhysicalBus#compareAndExchange}. */
  public long compareAndExchange(long keyedHpa, int size, long expected, long value) {
    long hpa = keyedHpa & hpaMask;
    Chunk chunk = frames.chunk(hpa);
    int frame = Frames.frameIndex(hpa);
    long open = domainOf(keyedHpa) | TOUCHED;
    if ((chunk.state(frame) & (OWNER | TOUCHED | CODE)) == open) {
      long witness = NativeAccess.compareAndExchange(base + hpa, size, expected, value);
      if ((chunk.state(frame) & CODE) != 0) {
        noticeWrite(chunk, frame); // it was marked as code meanwhile
      }
      return witness;
    }
    chunk.lock.lock();
    try {
      byte[] bytes = new byte[8];
      readPage(keyedHpa, bytes, 0, size);
      long witness = (long) LONGS.get(bytes, 0);
      long mask = size == 8 ? -1 : (1L << 8 * size) - 1;
      if (witness == (expected & mask)) {
        LONGS.set(bytes, 0, value);
        writePage(keyedHpa, bytes, 0, size);
      }
      return witness;
    } finally {
      chunk.lock.unlock();
    }
  }

  /** See {@link PhysicalBus#read}. */
  public void read(long keyedHpa, byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    for (int done = 0; done < length; ) {
      int part = Math.min(length - done, pageRest(keyedHpa + done));
      readPage(keyedHpa + done, target, offset + done, part);
      done += part;
    }
  }

  /** See {@link PhysicalBus#write}. */
  public void write(long keyedHpa, byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    for (int done = 0; done < length; ) {
      int part = Math.min(length - done, pageRest(keyedHpa + done));
      writePage(keyedHpa + done, source, offset + done, part);
      done += part;
    }
  }

  /** See {@link PhysicalBus#initialize}. */
  public void initialize(long keyedHpa, long length) {
    if (((keyedHpa | length) & (Hpa.PAGE_SIZE - 1)) != 0) {
      throw new IllegalArgumentException("only whole frames can be initialized");
    }
    for (long done = 0; done < length; done += Hpa.PAGE_SIZE) {
      long hpa = (keyedHpa & hpaMask) + done;
      Chunk chunk = frames.chunk(hpa);
      int frame = Frames.frameIndex(hpa);
      long domain = domainOf(keyedHpa);
      if ((chunk.state(frame) & (OWNER | TOUCHED)) == domain) {
        continue; // its owner sees zeros already
      }
      chunk.lock.lock();
      try {
        initializeFrame(chunk, frame, domain);
      } finally {
        chunk.lock.unlock();
      }
    }
  }

  private void initializeFrame(Chunk chunk, int frame, long domain) {
    long state = chunk.state(frame);
    if ((state & Frames.ABSENT) != 0) {
      return;
    }
    if ((state & OWNER) != domain) {
      invalidate(chunk, frame);
      chunk.setState(frame, chunk.state(frame) & ~DOMAIN | MIXED);
    }
    modified(chunk, frame);
    if ((state & TOUCHED) != 0) {
      NativeAccess.fill(base + chunk.hpa(frame), Hpa.PAGE_SIZE, (byte) 0);
    }
    chunk.dropLines(frame);
    chunk.setState(frame, chunk.state(frame) & ~(DOMAIN | MIXED) | domain);
  }

  /** See {@link PhysicalBus#codeFrame}. */
  public CodeFrame codeFrame(long hpaRaw) {
    Chunk chunk = frames.chunk(hpaRaw);
    chunk.lock.lock();
    try {
      int frame = Frames.frameIndex(hpaRaw);
      CodeFrame code = chunk.codeFrame(frame);
      code.lent = (chunk.state(frame) & LENT) != 0;
      return code;
    } finally {
      chunk.lock.unlock();
    }
  }

  /** See {@link PhysicalBus#markCode}. */
  public int markCode(long hpaRaw) {
    Chunk chunk = frames.chunk(hpaRaw);
    int frame = Frames.frameIndex(hpaRaw);
    chunk.lock.lock();
    try {
      long state = chunk.state(frame);
      if ((state & (CODE | Frames.ABSENT)) == 0) {
        chunk.setState(frame, state | CODE);
        if ((state & MAPPED_FOR_WRITE) != 0) {
          invalidate(chunk, frame);
        }
      }
      return chunk.codeFrame(frame).generation;
    } finally {
      chunk.lock.unlock();
    }
  }

  /** Zeroes a range as the host; whole frames become the host's, untouched ones cost nothing. */
  void zero(long hpa, long length) {
    long done = 0;
    while (done < length) {
      long part = Math.min(length - done, pageRest(hpa + done));
      if (part == Hpa.PAGE_SIZE) {
        part = length - done & -Hpa.PAGE_SIZE;
        initialize(hpa + done, part);
      } else if ((frames.chunk(hpa + done).state(Frames.frameIndex(hpa + done)) & (OWNER | TOUCHED))
          != 0) {
        writePage(hpa + done, new byte[(int) part], 0, (int) part);
      }
      done += part;
    }
  }

  /** Whole frames of the host now hold bytes that somebody else put there, and may go on to. */
  void adopt(long hpa, long length) {
    changeFrames(hpa, length, 0, TOUCHED | LENT);
  }

  /** Takes back whole frames: nobody keeps an address of them, then {@code unmap} zeroes them. */
  void disown(long hpa, long length, Runnable unmap) {
    changeFrames(hpa, length, DOMAIN | MIXED | TOUCHED | LENT, 0);
    unmap.run();
  }

  private void changeFrames(long hpa, long length, long cleared, long set) {
    for (long at = hpa; at < hpa + length; at += Hpa.PAGE_SIZE) {
      Chunk chunk = frames.chunk(at);
      int frame = Frames.frameIndex(at);
      chunk.lock.lock();
      try {
        modified(chunk, frame);
        invalidate(chunk, frame);
        chunk.dropLines(frame);
        chunk.setState(frame, chunk.state(frame) & ~cleared | set);
      } finally {
        chunk.lock.unlock();
      }
    }
  }

  /** Whether the host may name this address at all: no KeyID bits, nothing above them. */
  boolean isPlain(long hpa) {
    return (hpa & ~hpaMask) == 0;
  }

  private long domainOf(long keyedHpa) {
    return keys.domain(keyIdOf(keyedHpa));
  }

  private int keyIdOf(long keyedHpa) {
    return (int) (keyedHpa >>> keyIdShift) & keyIdMask;
  }

  private static int pageRest(long hpa) {
    return Hpa.PAGE_SIZE - (int) (hpa & (Hpa.PAGE_SIZE - 1));
  }

  private void readPage(long keyedHpa, byte[] target, int offset, int length) {
    long hpa = keyedHpa & hpaMask;
    Chunk chunk = frames.chunk(hpa);
    int frame = Frames.frameIndex(hpa);
    long domain = domainOf(keyedHpa);
    long state = chunk.state(frame);
    if ((state & OWNER) == domain) {
      NativeAccess.read(base + hpa, target, offset, length);
      VarHandle.loadLoadFence();
      if ((chunk.state(frame) & OWNER) == domain) {
        return;
      }
    } else if ((state & Frames.ABSENT) != 0) {
      Arrays.fill(target, offset, offset + length, (byte) 0xff);
      return;
    }
    chunk.lock.lock();
    try {
      readLines(chunk, frame, keyedHpa, target, offset, length);
    } finally {
      chunk.lock.unlock();
    }
  }

  private void readLines(
      Chunk chunk, int frame, long keyedHpa, byte[] target, int offset, int length) {
    long hpa = keyedHpa & hpaMask;
    long domain = domainOf(keyedHpa);
    long state = chunk.state(frame);
    byte[] line = new byte[LINE_SIZE];
    for (int done = 0; done < length; ) {
      long at = hpa + done;
      int inLine = (int) at & (LINE_SIZE - 1);
      int part = Math.min(length - done, LINE_SIZE - inLine);
      long owner = lineOwner(chunk, frame, state, Frames.lineIndex(at));
      NativeAccess.read(base + at - inLine, line, 0, LINE_SIZE);
      if (owner != domain) {
        keys.look(owner, keyIdOf(keyedHpa), at - inLine, line);
      }
      System.arraycopy(line, inLine, target, offset + done, part);
      done += part;
    }
  }

  private static long lineOwner(Chunk chunk, int frame, long state, int line) {
    return (state & MIXED) == 0 ? state & DOMAIN : chunk.lines(frame, 0)[line];
  }

  private void writePage(long keyedHpa, byte[] source, int offset, int length) {
    long hpa = keyedHpa & hpaMask;
    Chunk chunk = frames.chunk(hpa);
    int frame = Frames.frameIndex(hpa);
    if ((chunk.state(frame) & Frames.ABSENT) != 0) {
      return;
    }
    chunk.lock.lock();
    try {
      long state = chunk.state(frame);
      modified(chunk, frame);
      if ((state & OWNER) == domainOf(keyedHpa)) {
        chunk.setState(frame, chunk.state(frame) | TOUCHED);
        NativeAccess.write(base + hpa, source, offset, length);
      } else {
        writeLines(chunk, frame, keyedHpa, source, offset, length);
      }
    } finally {
      chunk.lock.unlock();
    }
  }

  /** Takes lines of a frame that is not wholly the writer's. */
  private void writeLines(
      Chunk chunk, int frame, long keyedHpa, byte[] source, int offset, int length) {
    long hpa = keyedHpa & hpaMask;
    long domain = domainOf(keyedHpa);
    long[] owners = split(chunk, frame);
    byte[] line = new byte[LINE_SIZE];
    try {
      for (int done = 0; done < length; ) {
        long at = hpa + done;
        int inLine = (int) at & (LINE_SIZE - 1);
        int part = Math.min(length - done, LINE_SIZE - inLine);
        int index = Frames.lineIndex(at);
        if (owners[index] != domain && part != LINE_SIZE) {
          // The rest of the line becomes what the writer's own read of it would have given.
          NativeAccess.read(base + at - inLine, line, 0, LINE_SIZE);
          keys.look(owners[index], keyIdOf(keyedHpa), at - inLine, line);
          NativeAccess.write(base + at - inLine, line, 0, LINE_SIZE);
        }
        NativeAccess.write(base + at, source, offset + done, part);
        owners[index] = domain;
        done += part;
      }
    } finally {
      join(chunk, frame, owners);
    }
  }

  /** Gives each line of a frame an owner of its own. */
  private long[] split(Chunk chunk, int frame) {
    long state = chunk.state(frame);
    long[] owners = chunk.lines(frame, state & DOMAIN);
    if ((state & MIXED) == 0) {
      invalidate(chunk, frame);
      chunk.setState(frame, chunk.state(frame) & ~DOMAIN | MIXED | TOUCHED);
    }
    return owners;
  }

  /** Makes a frame whole again when one owner has all its lines. */
  private static void join(Chunk chunk, int frame, long[] owners) {
    for (int line = 1; line < LINES_PER_FRAME; line++) {
      if (owners[line] != owners[0]) {
        return;
      }
    }
    chunk.dropLines(frame);
    chunk.setState(frame, chunk.state(frame) & ~(DOMAIN | MIXED) | owners[0]);
  }

  private static void noticeWrite(Chunk chunk, int frame) {
    chunk.lock.lock();
    try {
      modified(chunk, frame);
    } finally {
      chunk.lock.unlock();
    }
  }

  /** Advances the generation of a marked code frame that is being written; under the lock. */
  private static void modified(Chunk chunk, int frame) {
    long state = chunk.state(frame);
    if ((state & CODE) != 0) {
      chunk.codeFrame(frame).generation++;
      chunk.setState(frame, state & ~CODE);
    }
  }

  /** Takes back the native addresses that were handed out for a frame; under the lock. */
  private void invalidate(Chunk chunk, int frame) {
    long state = chunk.state(frame);
    if ((state & (MAPPED | MAPPED_FOR_WRITE)) != 0) {
      chunk.setState(frame, state & ~(MAPPED | MAPPED_FOR_WRITE));
      for (FrameInvalidation listener : listeners) {
        listener.invalidate(chunk.hpa(frame));
      }
    }
  }
}
