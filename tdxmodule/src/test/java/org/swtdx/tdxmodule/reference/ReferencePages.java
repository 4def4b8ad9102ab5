package org.swtdx.tdxmodule.reference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes the pages of docs/leaves and docs/tables from the module's own tables. The working
 * directory is that of the module tdxmodule, as it is for its tests.
 */
public final class ReferencePages {
  static final Path DOCS = Path.of("..", "docs");

  private ReferencePages() {}

  /** Writes all pages and deletes those that no table asks for. */
  public static void main(String[] args) throws IOException {
    Map<Path, String> pages = all();
    for (Path folder : new Path[] {DOCS.resolve("leaves"), DOCS.resolve("tables")}) {
      Files.createDirectories(folder);
      try (Stream<Path> present = Files.list(folder)) {
        for (Path p : present.toList()) {
          if (!pages.containsKey(p)) {
            Files.delete(p);
          }
        }
      }
    }
    for (Map.Entry<Path, String> page : pages.entrySet()) {
      Files.writeString(page.getKey(), page.getValue());
    }
  }

  /** Pages by path. */
  static Map<Path, String> all() {
    Map<Path, String> pages = new TreeMap<>();
    LeafPages.all().forEach((name, text) -> pages.put(DOCS.resolve("leaves").resolve(name), text));
    TablePages.all().forEach((name, text) -> pages.put(DOCS.resolve("tables").resolve(name), text));
    return pages;
  }
}
