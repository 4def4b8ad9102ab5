import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.ConstantPoolSharingOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Rewrites a jar whose classes are older than Java 7 with stack maps: {@code StackMaps IN OUT}.
 *
 * <p>The JVM keeps no class without stack maps in its ahead-of-time cache, so that a command line
 * parser compiled for Java 5 would be read from its jar, parsed and verified by inference at each
 * start, which costs a fifth of a second. What the code does stays as it is.
 */
public final class StackMaps {
  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private final ClassFile rewriter =
      ClassFile.of(
          ClassHierarchyResolverOption.of(
              ClassHierarchyResolver.ofResourceParsing(this::find)
                  .orElse(ClassHierarchyResolver.defaultResolver())),
          ConstantPoolSharingOption.NEW_POOL);

  private StackMaps() {}

  public static void main(String[] args) throws IOException {
    StackMaps maps = new StackMaps();
    maps.read(Path.of(args[0]));
    maps.entries.replaceAll(maps::rewrite);
    maps.write(Path.of(args[1]));
  }

  private void read(Path jar) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        try (InputStream in = zip.getInputStream(entry)) {
          entries.put(entry.getName(), in.readAllBytes());
        }
      }
    }
  }

  private InputStream find(ClassDesc type) {
    String descriptor = type.descriptorString();
    byte[] bytes = entries.get(descriptor.substring(1, descriptor.length() - 1) + ".class");
    return bytes == null ? null : new ByteArrayInputStream(bytes);
  }

  private byte[] rewrite(String name, byte[] bytes) {
    if (!name.endsWith(".class")) {
      return bytes;
    }
    ClassModel model = rewriter.parse(bytes);
    if (model.majorVersion() >= ClassFile.JAVA_7_VERSION) {
      return bytes;
    }
    // Bodies that pass through a transform are assembled anew, with stack maps where they branch.
    ClassTransform bodies =
        ClassTransform.transformingMethodBodies((body, element) -> body.with(element));
    ClassTransform version =
        (type, element) -> {
          if (element instanceof ClassFileVersion) {
            type.withVersion(ClassFile.JAVA_8_VERSION, 0);
          } else {
            type.with(element);
          }
        };
    byte[] rewritten = rewriter.transformClass(model, bodies.andThen(version));
    rewriter
        .verify(rewritten)
        .forEach(
            error -> {
              throw new IllegalStateException(name + ": " + error.getMessage());
            });
    return rewritten;
  }

  private void write(Path jar) throws IOException {
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
  }
}
