package org.swtdx.cli;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.swtdx.kvm.KvmExtension;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --extension}: what KVM shall have that no release of Linux has. */
final class ExtensionOptions {
  @Option(
      names = "--extension",
      paramLabel = "NAME",
      converter = Converter.class,
      completionCandidates = Names.class,
      description = {
        "Switch something on that no release of Linux's KVM has; can be given several times:"
            + " ${COMPLETION-CANDIDATES}."
      })
  private List<KvmExtension> extensions = List.of();

  /** Those that were given. */
  Set<KvmExtension> given() {
    EnumSet<KvmExtension> set = EnumSet.noneOf(KvmExtension.class);
    set.addAll(extensions);
    return set;
  }

  static final class Converter implements ITypeConverter<KvmExtension> {
    @Override
    public KvmExtension convert(String value) {
      try {
        return KvmExtension.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(KvmExtension.values()).map(KvmExtension::label).iterator();
    }
  }
}
