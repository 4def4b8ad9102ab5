package org.swtdx.exec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.swtdx.exec.linux.NamelessFile;
import org.swtdx.exec.linux.NamelessFile.Access;
import org.swtdx.exec.linux.Syscall;

/**
 * {@code /proc/cpuinfo} as programs read it that look there whether the machine can have KVM, such
 * as kvm-ok and libvirt: that of the machine, with the flags of a processor that runs guests and
 * TDs.
 */
final class CpuInfo {
  private static final String PATH = "/proc/cpuinfo";
  private static final List<String> FLAGS = List.of("vmx", "tdx_host_platform");

  private CpuInfo() {}

  /** Whether a call opens it for reading, by its absolute path. */
  static boolean isOpened(Call call, String path, OpenHow how) {
    boolean opens =
        switch (call.number()) {
          case Syscall.OPEN, Syscall.OPENAT, Syscall.OPENAT2 -> true;
          default -> false;
        };
    return opens
        && path.startsWith("/")
        && path.endsWith("/cpuinfo")
        && how.readsPlainly()
        && ProbedPaths.normalized(path).equals(PATH);
  }

  /** Opens what a call asks for; one of a program that has none is let through. */
  static void open(Call call, boolean closeOnExec) {
    byte[] text;
    try {
      String real = Files.readString(ofProgram(call.tid()), StandardCharsets.ISO_8859_1);
      text = withFlags(real).getBytes(StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      call.letThrough();
      return;
    }
    try (NamelessFile file = NamelessFile.create(text.length, Access.READ)) {
      file.write(text);
      call.answer(call.give(file.forProgram(), closeOnExec));
    } catch (IOException e) {
      Messages.warn("%s shows the machine's processor: %s".formatted(PATH, e.getMessage()));
      call.letThrough();
    }
  }

  /** It may have another root, or something else mounted there. */
  private static Path ofProgram(int tid) {
    return Path.of("/proc/" + tid + "/root" + PATH);
  }

  /** The text of such a file with our flags at the end of each processor's. */
  static String withFlags(String text) {
    return Arrays.stream(text.split("\n", -1))
        .map(line -> line.startsWith("flags\t") ? completed(line) : line)
        .collect(Collectors.joining("\n"));
  }

  private static String completed(String line) {
    List<String> known = List.of(line.substring(line.indexOf(':') + 1).split(" ", -1));
    return FLAGS.stream()
        .filter(flag -> !known.contains(flag))
        .map(flag -> " " + flag)
        .collect(Collectors.joining("", line, ""));
  }
}
