package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.InaccessibleObjectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The compiler keeps a layer above SEAMCALL from naming what belongs to a TD, and the module system
 * keeps it from reflecting on it.
 */
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

  /** What the compiler refuses, reflection does not get either. */
  @ParameterizedTest
  @ValueSource(strings = {"td.Tdcs", "vp.Tdvps", "TdxModule"})
  void reflectionCannotOpenTdState(String type) throws ClassNotFoundException {
    Module module = loaded("org.swtdx.tdxmodule");

    assertThat(module.getDescriptor().exports()).isEmpty();
    assertThat(module.getDescriptor().opens()).isEmpty();
    Class<?> state = module.getClassLoader().loadClass("org.swtdx.tdxmodule." + type);
    assertThat(state.getModule()).isSameAs(module);
    AccessibleObject[] fields = state.getDeclaredFields();
    assertThat(fields).isNotEmpty();
    for (AccessibleObject field : fields) {
      assertThatThrownBy(() -> field.setAccessible(true))
          .isInstanceOf(InaccessibleObjectException.class);
    }
  }

  @Test
  void reflectionReachesWhatIsExported() throws ReflectiveOperationException {
    Class<?> view = loaded("org.swtdx.memory").getClassLoader().loadClass("org.swtdx.memory.Hpa");

    assertThat(view.getConstructor(long.class).trySetAccessible()).isTrue();
  }

  /** A module of the product as the module system knows it, seen from outside of all modules. */
  private static Module loaded(String name) {
    Path[] path =
        Arrays.stream(modulePath().split(File.pathSeparator)).map(Path::of).toArray(Path[]::new);
    ModuleLayer boot = ModuleLayer.boot();
    Configuration resolved =
        boot.configuration().resolve(ModuleFinder.of(path), ModuleFinder.of(), Set.of(name));
    return boot.defineModulesWithOneLoader(resolved, ClassLoader.getSystemClassLoader())
        .findModule(name)
        .orElseThrow();
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
