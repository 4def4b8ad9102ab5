package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.module.Configuration;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service that needs quotes verified gets by with one module of ours and few of others. */
class AttestationAloneTest {
  private static final String ATTESTATION = "org.swtdx.attestation";

  @TempDir private Path folder;

  /** The attestation module and what it requires, found among what the tests run with. */
  private static Configuration alone() {
    Path[] modules =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(AttestationAloneTest::isNamedModule)
            .toArray(Path[]::new);
    return ModuleLayer.boot()
        .configuration()
        .resolve(ModuleFinder.of(modules), ModuleFinder.of(), Set.of(ATTESTATION));
  }

  private static boolean isNamedModule(Path entry) {
    try {
      Set<ModuleReference> found = ModuleFinder.of(entry).findAll();
      return !found.isEmpty() && found.stream().noneMatch(m -> m.descriptor().isAutomatic());
    } catch (FindException _) {
      return false; // a jar whose name gives no module a name
    }
  }

  @Test
  void itRequiresNoOtherModuleOfOursAndFewLibraries() {
    Set<String> names =
        alone().modules().stream().map(ResolvedModule::name).collect(Collectors.toSet());

    assertThat(names)
        .containsExactlyInAnyOrder(
            ATTESTATION,
            "org.bouncycastle.pkix",
            "org.bouncycastle.provider",
            "org.bouncycastle.util",
            "org.tukaani.xz",
            "tools.jackson.databind",
            "tools.jackson.core",
            "com.fasterxml.jackson.annotation");
  }

  @Test
  void itVerifiesAQuoteInALayerOfItsOwn() throws Exception {
    String pki = folder.resolve("pki").toString();
    Path quote = folder.resolve("quote");
    Path root = folder.resolve("root.pem");
    Path bundle = folder.resolve("bundle.json");
    CommandLineRun.of(
        "quote", "make", "--pki", pki, "--out", quote + "", "--collateral-out", bundle + "");
    CommandLineRun.of("pki", "root", "--pki", pki, "--out", root + "");

    ModuleLayer layer =
        ModuleLayer.defineModulesWithOneLoader(
                alone(), List.of(ModuleLayer.boot()), ClassLoader.getPlatformClassLoader())
            .layer();
    Api api = new Api(layer.findLoader(ATTESTATION));
    Object roots = api.call("x509.PemCertificates", "parse", null, Files.readAllBytes(root), 1);
    Object collateral =
        api.call("collateral.CollateralBundle", "parse", null, Files.readAllBytes(bundle));
    Object builder = api.call("verify.QuoteVerifier", "builder", null);
    api.call("verify.QuoteVerifier$Builder", "trustedRoot", builder, ((List<?>) roots).getFirst());
    api.call("verify.QuoteVerifier$Builder", "collateral", builder, collateral);
    Object verifier = api.call("verify.QuoteVerifier$Builder", "build", builder);
    byte[] bytes = Files.readAllBytes(quote);

    Object good = api.call("verify.QuoteVerifier", "verify", verifier, bytes);
    bytes[200] ^= 1;
    Object bad = api.call("verify.QuoteVerifier", "verify", verifier, bytes);

    assertThat(good.getClass().getModule().getName()).isEqualTo(ATTESTATION);
    assertThat(good.getClass().getModule().getLayer()).isSameAs(layer);
    assertThat(good.getClass().getSimpleName()).isEqualTo("Accepted");
    assertThat(bad.getClass().getSimpleName()).isEqualTo("Refused");
  }

  /** The module's public methods, called as a foreign module calls them. */
  private record Api(ClassLoader loader) {
    Object call(String type, String name, Object target, Object... arguments) throws Exception {
      for (Method method : loader.loadClass(ATTESTATION + "." + type).getMethods()) {
        if (method.getName().equals(name) && takes(method.getParameterTypes(), arguments)) {
          return method.invoke(target, arguments);
        }
      }
      throw new NoSuchMethodException(type + "." + name);
    }

    private static boolean takes(Class<?>[] types, Object[] arguments) {
      boolean fits = types.length == arguments.length;
      for (int i = 0; fits && i < types.length; i++) {
        fits = types[i] == int.class || types[i].isInstance(arguments[i]);
      }
      return fits;
    }
  }
}
