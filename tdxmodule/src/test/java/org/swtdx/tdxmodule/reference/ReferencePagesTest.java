package org.swtdx.tdxmodule.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The reference pages are those that the tables ask for. */
class ReferencePagesTest {
  private static final String REMEDY = "a table changed: run scripts/reference-pages";

  @Test
  void pagesAreCurrent() throws IOException {
    if (Boolean.getBoolean("swtdx.write.pages")) {
      ReferencePages.main(new String[0]);
    }
    for (Map.Entry<Path, String> page : ReferencePages.all().entrySet()) {
      assertThat(page.getKey()).as(REMEDY).exists();
      assertThat(Files.readString(page.getKey())).as(REMEDY).isEqualTo(page.getValue());
    }
  }

  @Test
  void thereIsNoPageWithoutARow() throws IOException {
    for (String folder : new String[] {"leaves", "tables"}) {
      try (Stream<Path> present = Files.list(ReferencePages.DOCS.resolve(folder))) {
        assertThat(present).as(REMEDY).allMatch(ReferencePages.all()::containsKey);
      }
    }
  }
}
