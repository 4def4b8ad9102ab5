package org.swtdx.vmm;

import java.util.List;

/**
 * A kernel that is started directly, or that firmware finds in fw_cfg.
 *
 * @param kernel the kernel's file
 * @param modules multiboot modules, or the initial RAM disk as the only one
 * @param commandLine its arguments
 */
public record KernelBoot(BootFile kernel, List<BootFile> modules, String commandLine) {
  /** Copies the list. */
  public KernelBoot {
    modules = List.copyOf(modules);
  }
}
