package org.swtdx.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Who may know whom, as docs/architecture.rst says. */
class LayeringTest {
  /** For each layer the layers it must not depend on. */
  private static final Map<String, List<String>> FORBIDDEN =
      Map.of(
          "events",
              List.of("memory", "cpu", "seamcall", "tdxmodule", "kvm", "attestation", "vmm", "cli"),
          "memory", List.of("cpu", "seamcall", "tdxmodule", "kvm", "attestation", "vmm", "cli"),
          "cpu", List.of("seamcall", "tdxmodule", "kvm", "attestation", "vmm", "cli"),
          "seamcall", List.of("tdxmodule", "kvm", "attestation", "vmm", "cli"),
          "tdxmodule", List.of("kvm", "attestation", "vmm", "cli"),
          "kvm", List.of("tdxmodule", "attestation", "vmm", "cli"),
          "attestation", List.of("memory", "cpu", "seamcall", "tdxmodule", "kvm", "vmm", "cli"),
          "vmm", List.of("tdxmodule", "seamcall", "cli"),
          "exec", List.of("tdxmodule", "seamcall", "attestation", "vmm", "cli"));

  private static JavaClasses product;

  @BeforeAll
  static void importProduct() {
    product =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.swtdx");
  }

  @TestFactory
  Stream<DynamicTest> callsOnlyGoDown() {
    return FORBIDDEN.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .flatMap(
            entry ->
                entry.getValue().stream()
                    .map(
                        above ->
                            DynamicTest.dynamicTest(
                                entry.getKey() + " does not know " + above,
                                () ->
                                    noClasses()
                                        .that()
                                        .resideInAPackage("org.swtdx." + entry.getKey() + "..")
                                        .should()
                                        .dependOnClassesThat()
                                        .resideInAPackage("org.swtdx." + above + "..")
                                        .check(product))));
  }

  @TestFactory
  Stream<DynamicTest> theRawFacesAreForTheProcessorAndTheModule() {
    return Stream.of("seamcall", "kvm", "attestation", "vmm", "exec", "cli")
        .map(
            layer ->
                DynamicTest.dynamicTest(
                    layer + " cannot reach memory or guests unchecked",
                    () -> notRaw(layer).check(product)));
  }

  private static ArchRule notRaw(String layer) {
    return noClasses()
        .that()
        .resideInAPackage("org.swtdx." + layer + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.swtdx.memory.seam..", "org.swtdx.cpu.seam..");
  }

  @Test
  void theModuleUsesThemSoThatTheRuleWouldFindAnother() {
    assertThat(notRaw("tdxmodule").evaluate(product).hasViolation()).isTrue();
  }
}
