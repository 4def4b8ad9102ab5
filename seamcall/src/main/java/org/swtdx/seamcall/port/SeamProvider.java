package org.swtdx.seamcall.port;

import org.swtdx.cpu.Platform;

/** Loads a TDX module onto a platform; found through {@link java.util.ServiceLoader}. */
public interface SeamProvider {
  /** Loads the module into {@code platform}'s SEAM range; its state is that before TDH.SYS.INIT. */
  SeamPort load(Platform platform);
}
