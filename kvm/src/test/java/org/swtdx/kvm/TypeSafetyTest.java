package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.TdvprPage;

/** Mistakes that must not compile, with the compiler's own names of the errors. */
class TypeSafetyTest {
  private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///org/swtdx/kvm/Snippet.java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  /** Compiles a method body inside the package of KVM; the codes of the errors. */
  private static List<String> errors(String body) {
    String text =
        """
        package org.swtdx.kvm;
        import org.swtdx.memory.*;
        import org.swtdx.seamcall.*;
        class Snippet {
          %s
        }
        """
            .formatted(body);
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    List<String> options =
        List.of("-proc:none", "-d", System.getProperty("java.io.tmpdir"), "-classpath", path());
    COMPILER.getTask(null, null, found, options, null, List.of(new Source(text))).call();
    return found.getDiagnostics().stream()
        .filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
        .map(d -> d.getCode().replace("compiler.err.", "") + detail(d))
        .toList();
  }

  private static String detail(Diagnostic<? extends JavaFileObject> diagnostic) {
    return ": " + diagnostic.getMessage(Locale.ROOT).lines().findFirst().orElse("");
  }

  /** Where the classes that the sources name come from. */
  private static String path() {
    return Stream.of(Vcpu.class, Hpa.class, TdvprPage.class, LogicalProcessor.class, Nullable.class)
        .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
        .map(location -> Path.of(URI.create(location.toString())).toString())
        .collect(Collectors.joining(System.getProperty("path.separator")));
  }

  @Test
  void theRightSourceCompiles() {
    assertThat(
            errors(
                "int f(Vcpu v) { return switch (v) { case TdxVcpu t -> 1; case VmxVcpu x -> 2; };"
                    + " }"))
        .isEmpty();
    assertThat(errors("TdvprPage f(Hpa hpa) { return new TdvprPage(hpa); }")).isEmpty();
  }

  @Test
  void anOrdinaryVcpuCannotBecomeOneOfATd() {
    assertThat(errors("TdxVcpu f(VmxVcpu v) { return (TdxVcpu) v; }"))
        .singleElement()
        .asString()
        .startsWith("prob.found.req");
    assertThat(errors("TdxVm f(VmxVm v) { return (TdxVm) v; }"))
        .singleElement()
        .asString()
        .startsWith("prob.found.req");
  }

  @Test
  void anOperationMustHandleBothVendors() {
    assertThat(errors("int f(Vcpu v) { return switch (v) { case VmxVcpu x -> 2; }; }"))
        .singleElement()
        .asString()
        .startsWith("not.exhaustive");
  }

  @Test
  void anAddressIsNoPageOfARole() {
    assertThat(errors("TdvprPage f(Hpa hpa) { return hpa; }"))
        .singleElement()
        .asString()
        .startsWith("prob.found.req");
    assertThat(errors("TdvprPage f(long raw) { return (TdvprPage) raw; }"))
        .singleElement()
        .asString()
        .startsWith("prob.found.req");
  }

  @Test
  void aPageOfOneRoleIsNoPageOfAnother() {
    assertThat(errors("TdrPage f(TdvprPage p) { return p; }")).hasSize(1);
    assertThat(errors("TdcxPage f(SeptPage p) { return (TdcxPage) p; }")).hasSize(1);
    assertThat(errors("GuestPage f(SeptPage p) { return p; }")).hasSize(1);
  }

  @Test
  void aGuestAddressIsNoHostAddress() {
    assertThat(errors("Hpa f(Gpa g) { return g; }")).hasSize(1);
    assertThat(errors("Hpa f(Gpa g) { return (Hpa) g; }")).hasSize(1);
  }
}
