package org.swtdx.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.swtdx.vmm.BootFile;
import org.swtdx.vmm.KernelBoot;
import picocli.CommandLine.Option;

/** The options that name a kernel, as QEMU has them. */
final class KernelOptions {
  private static final long LARGEST = 1L << 30;

  @Option(
      names = "--kernel",
      paramLabel = "FILE",
      description =
          "A multiboot, PVH or Linux kernel: started directly, or by --firmware if that is given.")
  private @Nullable String kernel;

  @Option(
      names = "--initrd",
      paramLabel = "FILE",
      description =
          "Its initial RAM disk; for multiboot a list of modules, \"FILE ARGUMENTS,FILE,...\","
              + " with two commas for one in a name.")
  private @Nullable String initrd;

  @Option(names = "--append", paramLabel = "TEXT", description = "Its command line.")
  private @Nullable String append;

  /** Whether a kernel was named. */
  boolean given() {
    return kernel != null;
  }

  /** Reads the files. */
  Optional<KernelBoot> read() throws InputException {
    if (kernel == null) {
      if (initrd != null || append != null) {
        throw new InputException(
            (initrd != null ? "--initrd" : "--append") + " belongs to a kernel; add --kernel FILE");
      }
      return Optional.empty();
    }
    List<BootFile> modules = new ArrayList<>();
    if (initrd != null) {
      for (String module : split(initrd)) {
        int space = module.indexOf(' ');
        String file = space < 0 ? module : module.substring(0, space);
        modules.add(BootFile.of(module, file(file, "module")));
      }
    }
    BootFile image = BootFile.of(kernel, file(kernel, "kernel"));
    return Optional.of(new KernelBoot(image, modules, append == null ? "" : append));
  }

  private static byte[] file(String path, String what) throws InputException {
    return InputFile.read(Path.of(path), what, LARGEST);
  }

  /** Parts between single commas; two commas stand for one. */
  static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      boolean comma = text.charAt(i) == ',';
      if (comma && i + 1 < text.length() && text.charAt(i + 1) == ',') {
        part.append(',');
        i++;
      } else if (comma) {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        part.append(text.charAt(i));
      }
    }
    parts.add(part.toString());
    return parts;
  }
}
