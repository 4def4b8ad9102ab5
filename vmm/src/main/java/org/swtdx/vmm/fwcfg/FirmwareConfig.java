package org.swtdx.vmm.fwcfg;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.swtdx.vmm.bus.PortDevice;

/**
 * The fw_cfg device at ports 0x510 to 0x51b: a selector, a data port that counts up, and DMA.
 * Numbers are little-endian except in the directory and in DMA, where they are big-endian.
 */
public final class FirmwareConfig implements PortDevice {
  /** The first port. */
  public static final int PORT = 0x510;

  /** Number of ports. */
  public static final int PORTS = 12;

  /** Item: RAM in bytes, u64. */
  public static final int RAM_SIZE = 0x03;

  /** Item: no graphics, u16. */
  public static final int NO_GRAPHIC = 0x04;

  /** Item: CPUs present at boot, u16. */
  public static final int CPUS = 0x05;

  /** Item: boot menu wanted, u16. */
  public static final int BOOT_MENU = 0x0e;

  /** Item: CPUs possible, u16. */
  public static final int MAX_CPUS = 0x0f;

  private static final int SIGNATURE = 0x00;
  private static final int FEATURES = 0x01;
  private static final int DIRECTORY = 0x19;
  private static final int FIRST_FILE = 0x20;
  private static final int NAME_BYTES = 56;
  private static final int FILE_ENTRY = 64;
  private static final int DATA_PORT = 1;
  private static final int DMA_PORT = 4;
  private static final byte[] DMA_SIGNATURE = "QEMU CFG".getBytes(US_ASCII);
  private static final int DMA_ERROR = 1;
  private static final int DMA_READ = 2;
  private static final int DMA_SKIP = 4;
  private static final int DMA_SELECT = 8;
  private static final int DMA_WRITE = 16;
  private static final int CHUNK = 4096;

  private record File(int size, Supplier<byte[]> contents) {}

  private final DmaMemory memory;
  private final Map<Integer, byte[]> items = new HashMap<>();
  private final TreeMap<String, File> files = new TreeMap<>();
  private byte[] selected = {};
  private int position;
  private int dmaHigh;

  /**
   * Creates the device with its signature and an empty directory.
   *
   * @param memory what DMA reaches
   */
  public FirmwareConfig(DmaMemory memory) {
    this.memory = memory;
    items.put(SIGNATURE, "QEMU".getBytes(US_ASCII));
    items.put(FEATURES, new byte[] {3, 0, 0, 0}); // port interface and DMA
  }

  /** Adds a numbered item of two bytes. */
  public void add16(int key, int value) {
    items.put(key, new byte[] {(byte) value, (byte) (value >>> 8)});
  }

  /** Adds a numbered item of four bytes. */
  public void add32(int key, int value) {
    items.put(key, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  /** Adds a numbered item. */
  public void addBytes(int key, byte[] value) {
    items.put(key, value.clone());
  }

  /** Adds a numbered item of eight bytes. */
  public void add64(int key, long value) {
    items.put(key, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }

  /**
   * Adds a named file.
   *
   * @param name at most 55 ASCII characters
   * @param contents its bytes; copied
   */
  public void addFile(String name, byte[] contents) {
    byte[] copy = contents.clone();
    addFile(name, copy.length, () -> copy);
  }

  /**
   * Adds a named file whose contents are made each time firmware selects it.
   *
   * @param name at most 55 ASCII characters
   * @param size bytes of the contents, always
   * @param contents makes them
   */
  public void addFile(String name, int size, Supplier<byte[]> contents) {
    if (name.length() >= NAME_BYTES) {
      throw new IllegalArgumentException("fw_cfg name of " + name.length() + " characters");
    }
    files.put(name, new File(size, contents));
  }

  private byte[] directory() {
    ByteBuffer directory = ByteBuffer.allocate(4 + FILE_ENTRY * files.size());
    directory.putInt(files.size());
    int key = FIRST_FILE;
    for (Map.Entry<String, File> file : files.entrySet()) {
      int at = directory.position();
      directory.putInt(file.getValue().size()).putShort((short) key++).putShort((short) 0);
      directory.put(file.getKey().getBytes(US_ASCII)).position(at + FILE_ENTRY);
    }
    return directory.array();
  }

  private void select(int key) {
    position = 0;
    int file = key - FIRST_FILE;
    if (key == DIRECTORY) {
      selected = directory();
    } else if (file >= 0 && file < files.size()) {
      selected = files.values().stream().skip(file).findFirst().orElseThrow().contents().get();
    } else {
      selected = items.getOrDefault(key, new byte[0]);
    }
  }

  private byte next() {
    return position < selected.length ? selected[position++] : 0;
  }

  @Override
  public int read(int offset, int size) {
    if (offset == DATA_PORT && size == 1) {
      return next() & 0xff;
    }
    return offset >= DMA_PORT ? PortDevice.super.read(offset, size) : 0;
  }

  @Override
  public int readByte(int offset) {
    return offset >= DMA_PORT ? DMA_SIGNATURE[offset - DMA_PORT] : read(offset, 1);
  }

  @Override
  public void write(int offset, int size, int value) {
    if (offset == 0 && size == 2) {
      select(value);
    } else if (offset == DMA_PORT && size == 4) {
      dmaHigh = Integer.reverseBytes(value);
    } else if (offset == DMA_PORT + 4 && size == 4) {
      long low = Integer.toUnsignedLong(Integer.reverseBytes(value));
      dma((long) dmaHigh << 32 | low);
      dmaHigh = 0;
    }
  }

  @Override
  public void writeByte(int offset, int value) {
    // no register is one byte wide for writing
  }

  /** Carries out the request at {@code gpa}: control u32, length u32, address u64. */
  private void dma(long gpa) {
    byte[] request = new byte[16];
    if (!memory.read(gpa, request, 0, request.length)) {
      return;
    }
    ByteBuffer fields = ByteBuffer.wrap(request);
    int control = fields.getInt(0);
    long length = Integer.toUnsignedLong(fields.getInt(4));
    long address = fields.getLong(8);
    if ((control & DMA_SELECT) != 0) {
      select(control >>> 16);
    }
    boolean done = true;
    if ((control & DMA_READ) != 0) {
      done = transfer(address, length);
    } else if ((control & DMA_SKIP) != 0) {
      position = (int) Math.min(position + length, selected.length);
    } else if ((control & DMA_WRITE) != 0) {
      done = false; // no item is writable
    }
    byte[] result = ByteBuffer.allocate(4).putInt(done ? 0 : DMA_ERROR).array();
    memory.write(gpa, result, 0, result.length);
  }

  private boolean transfer(long address, long length) {
    byte[] chunk = new byte[CHUNK];
    for (long done = 0; done < length; ) {
      int now = (int) Math.min(CHUNK, length - done);
      for (int i = 0; i < now; i++) {
        chunk[i] = next();
      }
      if (!memory.write(address + done, chunk, 0, now)) {
        return false;
      }
      done += now;
    }
    return true;
  }
}
