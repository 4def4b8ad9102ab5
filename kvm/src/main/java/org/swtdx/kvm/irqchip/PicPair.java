package org.swtdx.kvm.irqchip;

/**
 * Two 8259 interrupt controllers, the second one on input 2 of the first (8259A data sheet), and
 * their edge/level registers. Fifteen lines in, one out.
 */
public final class PicPair {
  /** Hears the level of the output. */
  @FunctionalInterface
  public interface Output {
    /**
     * The output has a level.
     *
     * @param active whether an interrupt is requested
     */
    void set(boolean active);
  }

  /** Number of lines, the cascade among them. */
  public static final int LINES = 16;

  private static final int CASCADE = 2;
  private static final int FIRST = 0x20;
  private static final int SECOND = 0xa0;
  private static final int EDGE_LEVEL = 0x4d0;

  private final Output output;
  private final Pic first = new Pic(true, 0xf8);
  private final Pic second = new Pic(false, 0xde);
  private boolean active;

  /**
   * Creates both controllers, uninitialised.
   *
   * @param output where the first one's output goes
   */
  public PicPair(Output output) {
    this.output = output;
  }

  /** Whether a port belongs to the pair. */
  public static boolean claims(int port) {
    return (port & ~1) == FIRST || (port & ~1) == SECOND || (port & ~1) == EDGE_LEVEL;
  }

  /** One of the controllers: 0 the first, 1 the second. */
  public Pic chip(int index) {
    return index == 0 ? first : second;
  }

  /**
   * Drives a line.
   *
   * @param line 0 to 15
   * @param level its level
   * @return 1 if it was taken, 0 if it joined one that is still requested, -1 if it is masked
   */
  public int setLine(int line, boolean level) {
    int result = chip(line >>> 3).setInput(line & 7, level);
    update();
    return result;
  }

  /** Reads a port that {@link #claims} names. */
  public int readPort(int port) {
    if ((port & ~1) == EDGE_LEVEL) {
      return chip(port & 1).edgeLevel();
    }
    int value = chip(port < SECOND ? 0 : 1).read(port & 1);
    update();
    return value;
  }

  /** Writes a port that {@link #claims} names. */
  public void writePort(int port, int value) {
    if ((port & ~1) == EDGE_LEVEL) {
      chip(port & 1).edgeLevel(value);
    } else {
      chip(port < SECOND ? 0 : 1).write(port & 1, value);
    }
    update();
  }

  /** Whether an interrupt is requested of the processor. */
  public boolean active() {
    return active;
  }

  /** The processor acknowledges: the vector to deliver, the spurious one if nothing requests. */
  public int acknowledge() {
    int input = first.acknowledge();
    int vector = first.base() + input;
    if (input == CASCADE && second.requesting() >= 0) {
      vector = second.base() + second.acknowledge();
    } else if (input == CASCADE) {
      vector = second.base() + Pic.SPURIOUS;
    }
    update();
    return vector;
  }

  /** Brings cascade and output up to date; also after {@link Pic#load}. */
  public void update() {
    first.setInput(CASCADE, second.requesting() >= 0);
    boolean now = first.requesting() >= 0;
    if (now != active) {
      active = now;
      output.set(now);
    }
  }
}
