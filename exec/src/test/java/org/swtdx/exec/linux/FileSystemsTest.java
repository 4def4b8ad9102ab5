package org.swtdx.exec.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class FileSystemsTest {
  @Test
  void kindsAreThoseOfTheDeviceWithoutSubtype() {
    String line = "36 35 0:43 / /home/me/far rw,nosuid shared:7 master:1 - fuse.sshfs me@far: rw";

    assertThat(FileSystems.type(line, 43)).isEqualTo("fuse");
    assertThat(FileSystems.type(line, 44)).isNull();
    assertThat(FileSystems.type("1 1 259:300 / / rw - ext4 /dev/x rw", FileId.device(259, 300)))
        .isEqualTo("ext4");
    assertThat(FileSystems.type("", 0)).isNull();
  }

  @Test
  void memoryIsServedByNobodyAndWhatIsMountedNowhereMayBe() throws IOException {
    assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
    int self = (int) ProcessHandle.current().pid();
    try (NamelessFile memory = NamelessFile.createMemory()) {
      assertThat(FileSystems.areServed(self, memory.id().device())).isFalse();
    }
    FileId processes = Objects.requireNonNull(FileId.ofPath("/proc"));
    assertThat(FileSystems.areServed(self, processes.device())).isFalse();
    assertThat(FileSystems.areServed(self, FileId.device(4000, 7))).isTrue();
  }
}
