package org.swtdx.kvm.irqchip;

/** One 8259 interrupt controller (8259A data sheet), part of a {@link PicPair}. */
public final class Pic {
  /** What {@link #save} writes and {@link #load} reads: the sixteen bytes of kvm_pic_state. */
  public static final int STATE_BYTES = 16;

  static final int SPURIOUS = 7;
  private static final int NONE = 8;
  private static final int CASCADE = 1 << 2;

  private final boolean first;
  private int edgeLevelMask;
  private int lastInputs;
  private int requests;
  private int mask;
  private int inService;
  private int lowest;
  private int base;
  private boolean readInService;
  private boolean poll;
  private boolean specialMask;
  private int initStep;
  private boolean autoEnd;
  private boolean rotateOnAutoEnd;
  private boolean fullyNested;
  private boolean fourthWord;
  private boolean single;
  private int edgeLevel;

  Pic(boolean first, int edgeLevelMask) {
    this.first = first;
    this.edgeLevelMask = edgeLevelMask;
  }

  int base() {
    return base;
  }

  int edgeLevel() {
    return edgeLevel;
  }

  void edgeLevel(int value) {
    edgeLevel = value & edgeLevelMask;
  }

  /** Steps from the highest priority to that of the first set bit, or {@link #NONE}. */
  private int rank(int bits) {
    int rotated = (bits << 8 | bits) >>> lowest & 0xff;
    return rotated == 0 ? NONE : Integer.numberOfTrailingZeros(rotated);
  }

  /** The input that requests service now, or -1. */
  int requesting() {
    int wanted = rank(requests & ~mask);
    int busy = inService;
    if (specialMask) {
      busy &= ~mask;
    }
    if (fullyNested && first) {
      busy &= ~CASCADE;
    }
    return wanted < rank(busy) ? wanted + lowest & 7 : -1;
  }

  int setInput(int input, boolean level) {
    int bit = 1 << input;
    int result = 1;
    if ((edgeLevel & bit) != 0) {
      result = level && (requests & bit) != 0 ? 0 : 1;
      requests = level ? requests | bit : requests & ~bit;
    } else if (level && (lastInputs & bit) == 0) {
      result = (requests & bit) == 0 ? 1 : 0;
      requests |= bit;
    }
    lastInputs = level ? lastInputs | bit : lastInputs & ~bit;
    return (mask & bit) != 0 ? -1 : result;
  }

  /** Takes the requesting input into service; input 7 stands for a request that went away. */
  int acknowledge() {
    int input = requesting();
    if (input < 0) {
      return SPURIOUS;
    }
    int bit = 1 << input;
    if (!autoEnd) {
      inService |= bit;
    } else if (rotateOnAutoEnd) {
      lowest = input + 1 & 7;
    }
    if ((edgeLevel & bit) == 0) {
      requests &= ~bit;
    }
    return input;
  }

  int read(int register) {
    if (poll) {
      poll = false;
      boolean any = requesting() >= 0;
      return any ? 0x80 | acknowledge() : 0;
    }
    if (register == 1) {
      return mask;
    }
    return readInService ? inService : requests;
  }

  void write(int register, int value) {
    if (register == 1) {
      writeData(value);
    } else if ((value & 0x10) != 0) {
      initialise(value);
    } else if ((value & 8) != 0) {
      writeMode(value);
    } else {
      endOfInterrupt(value);
    }
  }

  /** ICW1. */
  private void initialise(int value) {
    fourthWord = (value & 1) != 0;
    single = (value & 2) != 0;
    requests &= edgeLevel;
    lastInputs = 0;
    mask = 0;
    inService = 0;
    lowest = 0;
    readInService = false;
    poll = false;
    specialMask = false;
    autoEnd = false;
    rotateOnAutoEnd = false;
    fullyNested = false;
    initStep = 1;
  }

  /** OCW3: poll, the register that reads give, special mask mode. */
  private void writeMode(int value) {
    poll |= (value & 4) != 0;
    if ((value & 2) != 0) {
      readInService = (value & 1) != 0;
    }
    if ((value & 0x40) != 0) {
      specialMask = (value & 0x20) != 0;
    }
  }

  /** OCW2: ends of interrupts and rotations, by bits 7 (rotate), 6 (specific), 5 (end). */
  private void endOfInterrupt(int value) {
    boolean rotate = (value & 0x80) != 0;
    boolean specific = (value & 0x40) != 0;
    boolean end = (value & 0x20) != 0;
    if (!specific && !end) {
      rotateOnAutoEnd = rotate;
      return;
    }
    int input = value & 7;
    if (!specific) {
      int rank = rank(inService);
      if (rank == NONE) {
        return;
      }
      input = rank + lowest & 7;
    }
    if (end) {
      inService &= ~(1 << input);
    }
    if (rotate) {
      lowest = input + 1 & 7;
    }
  }

  /** OCW1, or the initialisation word that is due. */
  private void writeData(int value) {
    switch (initStep) {
      case 1 -> {
        base = value & 0xf8;
        initStep = single ? afterWiring() : 2;
      }
      case 2 -> initStep = afterWiring();
      case 3 -> {
        fullyNested = (value & 0x10) != 0;
        autoEnd = (value & 2) != 0;
        initStep = 0;
      }
      default -> mask = value;
    }
  }

  private int afterWiring() {
    return fourthWord ? 3 : 0;
  }

  private static byte flag(boolean value) {
    return (byte) (value ? 1 : 0);
  }

  /** Returns the state in the order of kvm_pic_state. */
  public byte[] save() {
    return new byte[] {
      (byte) lastInputs,
      (byte) requests,
      (byte) mask,
      (byte) inService,
      (byte) lowest,
      (byte) base,
      flag(readInService),
      flag(poll),
      flag(specialMask),
      (byte) initStep,
      flag(autoEnd),
      flag(rotateOnAutoEnd),
      flag(fullyNested),
      flag(fourthWord),
      (byte) edgeLevel,
      (byte) edgeLevelMask
    };
  }

  /** Takes over a state that {@link #save} returned; {@link PicPair#update} must follow. */
  public void load(byte[] state) {
    lastInputs = state[0] & 0xff;
    requests = state[1] & 0xff;
    mask = state[2] & 0xff;
    inService = state[3] & 0xff;
    lowest = state[4] & 7;
    base = state[5] & 0xff;
    readInService = state[6] != 0;
    poll = state[7] != 0;
    specialMask = state[8] != 0;
    initStep = state[9] & 3;
    autoEnd = state[10] != 0;
    rotateOnAutoEnd = state[11] != 0;
    fullyNested = state[12] != 0;
    fourthWord = state[13] != 0;
    edgeLevel = state[14] & 0xff;
    edgeLevelMask = state[15] & 0xff;
  }
}
