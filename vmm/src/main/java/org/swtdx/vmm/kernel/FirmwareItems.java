package org.swtdx.vmm.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.swtdx.vmm.KernelBoot;
import org.swtdx.vmm.VmmException;
import org.swtdx.vmm.fwcfg.FirmwareConfig;

/** A Linux kernel in fw_cfg, where firmware looks for one to start. */
public final class FirmwareItems {
  private static final int KERNEL_SIZE = 0x08;
  private static final int INITRD_SIZE = 0x0b;
  private static final int KERNEL_DATA = 0x11;
  private static final int INITRD_DATA = 0x12;
  private static final int COMMAND_LINE_SIZE = 0x14;
  private static final int COMMAND_LINE_DATA = 0x15;
  private static final int SETUP_SIZE = 0x17;
  private static final int SETUP_DATA = 0x18;

  private FirmwareItems() {}

  /**
   * Checks that firmware can start a kernel.
   *
   * @throws VmmException if it can't
   */
  public static void check(KernelBoot boot) throws VmmException {
    byte[] file = boot.kernel().bytes();
    if (!LinuxKernel.matches(file)) {
      throw KernelFormat.invalid(
          boot.kernel(), "firmware starts a Linux bzImage only; leave --firmware away");
    }
    LinuxKernel.of(boot, file);
  }

  /** Adds the items of a kernel that {@link #check} has accepted. */
  public static void add(FirmwareConfig config, KernelBoot boot) {
    byte[] file = boot.kernel().bytes();
    int setup = LinuxKernel.setupBytes(file);
    put(config, SETUP_SIZE, SETUP_DATA, Arrays.copyOf(file, setup));
    put(config, KERNEL_SIZE, KERNEL_DATA, Arrays.copyOfRange(file, setup, file.length));
    byte[] arguments = (boot.commandLine() + "\0").getBytes(UTF_8);
    put(config, COMMAND_LINE_SIZE, COMMAND_LINE_DATA, arguments);
    if (!boot.modules().isEmpty()) {
      put(config, INITRD_SIZE, INITRD_DATA, boot.modules().getFirst().bytes());
    }
  }

  private static void put(FirmwareConfig config, int sizeKey, int dataKey, byte[] data) {
    config.add32(sizeKey, data.length);
    config.addBytes(dataKey, data);
  }
}
