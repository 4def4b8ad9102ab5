package org.swtdx.exec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A process of its own that lends KVM, as {@code swtdx exec} and {@code swtdx serve} are: it can be
 * killed, run as another user, or find itself in a sandbox.
 */
final class LendingProcess {
  private static final int NOT_STARTED = 127;
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

  /** One class of each module that takes part. */
  private static final List<String> MODULES =
      List.of(
          "events.PlatformEvents",
          "memory.PhysicalMemory",
          "cpu.Platform",
          "seamcall.Leaf",
          "tdxmodule.TdxModuleProvider",
          "kvm.KvmHost",
          "exec.Lender",
          "exec.LendingProcess");

  private LendingProcess() {}

  /** Arguments: {@code exec PROGRAM…}, {@code connect SOCKET PROGRAM…} or {@code serve SOCKET}. */
  public static void main(String[] arguments) throws Exception {
    List<String> rest = List.of(arguments).subList(1, arguments.length);
    int status = 0;
    try {
      switch (arguments[0]) {
        case "exec" -> {
          try (TestHost machine = new TestHost()) {
            status = new Lender(machine.kvm()).run(rest, ENVIRONMENT);
            if (machine.kvm().outstandingFrames() != 0 || machine.kvm().outstandingKeyIds() != 0) {
              throw new IllegalStateException("something is left");
            }
          }
        }
        case "connect" ->
            status =
                new LendingClient(Path.of(rest.getFirst()))
                    .run(rest.subList(1, rest.size()), ENVIRONMENT)
                    .status();
        default -> {
          try (TestHost machine = new TestHost()) {
            LendingBounds bounds = new LendingBounds(Long.MAX_VALUE, 64, 1000);
            LendingServer.listen(Path.of(rest.getFirst()), machine.kvm(), bounds).serve();
          }
        }
      }
    } catch (LendingException e) {
      System.err.println("swtdx: " + e.getMessage());
      status = NOT_STARTED;
    }
    System.exit(status);
  }

  /** The command that runs this class. */
  static List<String> command(String... arguments) {
    return command(classPath(), arguments);
  }

  private static List<String> command(List<Path> classPath, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(
        List.of("-cp", classPath.stream().map(Path::toString).collect(Collectors.joining(":"))));
    command.add(LendingProcess.class.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  private static List<Path> classPath() {
    List<Path> places = new ArrayList<>();
    try {
      for (String name : MODULES) {
        Class<?> member = Class.forName("org.swtdx." + name);
        places.add(Path.of(member.getProtectionDomain().getCodeSource().getLocation().toURI()));
      }
    } catch (ClassNotFoundException | URISyntaxException e) {
      throw new AssertionError(e);
    }
    return places;
  }

  /**
   * Copies what the command needs to where every user can read it.
   *
   * @return the command that runs this class from there
   */
  static List<String> commandForEverybody(Path folder, String... arguments) throws IOException {
    allowAll(folder, true);
    List<Path> copies = new ArrayList<>();
    for (Path place : classPath()) {
      Path copy = folder.resolve("module" + copies.size());
      if (Files.isDirectory(place)) {
        copy(place, copy);
      } else {
        allowAll(Files.copy(place, copy), false);
      }
      copies.add(copy);
    }
    return command(copies, arguments);
  }

  /** A script of the tests among what {@link #commandForEverybody} copied. */
  static Path script(Path folder, String name) throws IOException {
    try (var copies = Files.list(folder)) {
      return copies
          .map(copy -> copy.resolve("org/swtdx/exec").resolve(name))
          .filter(Files::exists)
          .findFirst()
          .orElseThrow();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            allowAll(Files.createDirectories(to.resolve(from.relativize(folder).toString())), true);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            allowAll(Files.copy(file, to.resolve(from.relativize(file).toString())), false);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void allowAll(Path path, boolean folder) {
    try {
      Files.setPosixFilePermissions(
          path, PosixFilePermissions.fromString(folder ? "rwxr-xr-x" : "rw-r--r--"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
