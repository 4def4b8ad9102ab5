package org.swtdx.tdxmodule.reference;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The facts that tables were made from, where they lie beside the checkout. */
final class Corpus {
  private Corpus() {}

  /** The file {@code name}; a test that asks for it is skipped where it is not there. */
  static JsonNode facts(String name) {
    Path folder = Path.of("").toAbsolutePath();
    Path file = null;
    while (folder != null && file == null) {
      Path candidate = folder.resolve("shared/reference/tables").resolve(name);
      file = Files.exists(candidate) ? candidate : null;
      folder = folder.getParent();
    }
    assumeTrue(file != null, "the corpus is not beside the checkout");
    return JsonMapper.shared().readTree(file);
  }
}
