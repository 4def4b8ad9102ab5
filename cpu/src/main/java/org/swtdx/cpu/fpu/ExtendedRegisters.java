package org.swtdx.cpu.fpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.mmu.Mmu;

/** A core's x87, SSE, AVX and PKRU registers as a standard-form XSAVE image in a byte array. */
public final class ExtendedRegisters {
  /** PKRU of a core whose memory port is the paging unit; other ports have none. */
  static final StateImage.ProtectionKeys PAGING_UNIT =
      new StateImage.ProtectionKeys() {
        @Override
        public int get(Core c) {
          return c.memory instanceof Mmu mmu ? mmu.pkru() : 0;
        }

        @Override
        public void set(Core c, int value) {
          if (c.memory instanceof Mmu mmu) {
            mmu.setPkru(c, value);
          }
        }
      };

  private ExtendedRegisters() {}

  /** The components that are not in their initial configuration, XINUSE of SDM Vol. 1 13.6. */
  public static long inUse(Core c) {
    return c.fpu.image.inUse(c);
  }

  /**
   * Writes the image of all components with 64-bit pointers into {@code area}, whatever XCR0 is.
   * XSTATE_BV names those that are in use; as for XSAVES, SSE is if MXCSR is not the initial one.
   * Bytes beyond the image are cleared.
   */
  public static void read(Core c, byte[] area) {
    StateImage image = c.fpu.image;
    image.clear();
    image.collectX87(c, true);
    image.collectMxcsr(c);
    image.collectXmm(c, 16);
    image.collectAvx(c, 16, StateImage.EXTENDED);
    image.collectPkru(c, StateImage.offset(9, 0));
    int sse = c.mxcsr != StateImage.MXCSR_INITIAL ? StateImage.SSE : 0;
    image.words[StateImage.HEADER / 8] = image.inUse(c) | sse;
    java.util.Arrays.fill(area, (byte) 0);
    ByteBuffer buffer = ByteBuffer.wrap(area).order(ByteOrder.LITTLE_ENDIAN);
    for (int k = 0; k < image.words.length && 8 * k + 8 <= area.length; k++) {
      buffer.putLong(8 * k, image.words[k]);
    }
  }

  /**
   * Loads every component from {@code area}: those that XSTATE_BV does not name take their initial
   * configuration. MXCSR belongs to SSE, as for XRSTORS; its reserved bits are dropped.
   */
  public static void write(Core c, byte[] area) {
    StateImage image = c.fpu.image;
    image.clear();
    ByteBuffer buffer = ByteBuffer.wrap(area).order(ByteOrder.LITTLE_ENDIAN);
    for (int k = 0; k < image.words.length && 8 * k + 8 <= area.length; k++) {
      image.words[k] = buffer.getLong(8 * k);
    }
    int present = (int) image.words[StateImage.HEADER / 8];
    image.initialize(c, ~present, 16);
    boolean sse = (present & StateImage.SSE) != 0;
    c.mxcsr = sse ? image.mxcsr() & StateImage.MXCSR_MASK : StateImage.MXCSR_INITIAL;
    if ((present & StateImage.X87) != 0) {
      image.applyX87(c, true);
    }
    if (sse) {
      image.applyXmm(c, 16);
    }
    if ((present & StateImage.AVX) != 0) {
      image.applyAvx(c, 16, StateImage.EXTENDED);
    }
    if ((present & StateImage.PKRU) != 0) {
      image.applyPkru(c, StateImage.offset(9, 0));
    }
  }
}
