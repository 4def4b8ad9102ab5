package org.swtdx.tdxmodule;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.platform.PamtEntry;

/**
 * What the host sees of a secret that is in pages of TDs, in any frame and in the registers that a
 * leaf left. Ciphertext has to be computed to be looked at; so after each step it looks into the
 * frames that changed hands in it and those that may hold the secret, and into all now and then.
 */
final class HostSight {
  private static final int STRIDE = 512;

  private final Host host;
  private final long secret;
  private final Map<Long, Long> seen = new HashMap<>();

  /** Looks for {@code secret}, which is in every {@link #STRIDE} bytes of a page that has it. */
  HostSight(Host host, long secret) {
    this.host = host;
    this.secret = secret;
  }

  /**
   * Fails when the host sees the secret.
   *
   * @param everywhere whether to look into every frame
   */
  void showsNoSecret(boolean everywhere) {
    for (long frame : host.frames()) {
      PamtEntry entry = PlatformInvariants.entry(host, frame);
      long use = entry.owner() | entry.type().number();
      boolean changed = !Objects.equals(seen.put(frame, use), use);
      boolean small = entry.level() == 0 && entry.type() == PageType.REG;
      if (everywhere || changed || small) {
        look(frame);
      }
    }
    SeamRegisters r = host.regs;
    for (long value : new long[] {r.rax, r.rcx, r.rdx, r.rbx, r.r8, r.r9, r.r10, r.r11}) {
      if (value == secret) {
        throw new AssertionError("a register of the host holds the secret");
      }
    }
  }

  /** Writes {@code secret} all over the host's page at {@code hpa}. */
  static void write(Host host, long hpa, long secret) {
    for (int at = 0; at < 4096; at += STRIDE) {
      host.host().write64(new Hpa(hpa + at), secret);
    }
  }

  private void look(long frame) {
    for (int at = 0; at < 4096; at += STRIDE) {
      if (host.host().read64(new Hpa(frame + at)) == secret) {
        throw new AssertionError("the host reads the secret at 0x%x".formatted(frame + at));
      }
    }
  }
}
