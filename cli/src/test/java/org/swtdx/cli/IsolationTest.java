package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The compiler itself keeps a layer above SEAMCALL from naming what belongs to a TD. */
class IsolationTest {
  @TempDir private Path folder;

  @Test
  void aModuleLikeKvmCannotNameTdState() throws IOException {
    assertThat(compile("org.swtdx.tdxmodule", "org.swtdx.tdxmodule.TdxModuleProvider"))
        .contains("compiler.err.package.not.visible");
  }

  @Test
  void aModuleLikeKvmCannotNameUncheckedMemory() throws IOException {
    assertThat(compile("org.swtdx.memory", "org.swtdx.memory.seam.PhysicalBus"))
        .contains("compiler.err.package.not.visible");
  }

  @Test
  void aModuleLikeKvmCanNameTheHostsView() throws IOException {
    assertThat(compile("org.swtdx.memory", "org.swtdx.memory.HostView")).isEmpty();
  }

  /** Compiles a foreign module that requires one module and names one type; returns the errors. */
  private List<String> compile(String required, String type) throws IOException {
    Path info = folder.resolve("module-info.java");
    Path source = folder.resolve("foreign/Foreign.java");
    Files.createDirectories(source.getParent());
    Files.writeString(info, "module foreign { requires " + required + "; }\n");
    Files.writeString(source, "package foreign; class Foreign { " + type + " named; }\n");

    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(diagnostics, null, null)) {
      compiler
          .getTask(
              null,
              files,
              diagnostics,
              List.of("-d", folder.resolve("out").toString(), "--module-path", modulePath()),
              null,
              files.getJavaFileObjects(info, source))
          .call();
    }
    return diagnostics.getDiagnostics().stream()
        .filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
        .map(Diagnostic::getCode)
        .toList();
  }

  private static String modulePath() {
    Stream<String> entries =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator));
    return entries
        .filter(e -> !e.contains("test-classes"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
