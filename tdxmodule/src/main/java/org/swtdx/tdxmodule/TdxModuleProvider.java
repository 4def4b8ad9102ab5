package org.swtdx.tdxmodule;

import org.swtdx.cpu.Platform;
import org.swtdx.seamcall.port.SeamPort;
import org.swtdx.seamcall.port.SeamProvider;

/** Puts this module behind the SEAMCALL port. */
public final class TdxModuleProvider implements SeamProvider {
  /** Called by the service loader. */
  public TdxModuleProvider() {}

  @Override
  public SeamPort load(Platform platform) {
    return new TdxModule(platform);
  }
}
