package org.swtdx.tdxmodule.metadata;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * The metadata fields of one scope and how their values are found: every read and write leaf goes
 * through here. A field of the table that nothing is bound to is neither readable nor writable.
 * Field ids match by class and code; size and context bits of an id are not compared, the counts of
 * sequences are 0. The id of a following element keeps such bits as the caller gave them.
 *
 * @param <C> what holds the values
 */
public final class FieldTable<C> {
  /** The id that names no field: asks for the first one, or says that none follows. */
  public static final long NO_FIELD = -1;

  /**
   * Finds an element's value.
   *
   * @param <C> what holds it
   */
  @FunctionalInterface
  public interface Reader<C> {
    /** Returns element {@code index} of the field. */
    long read(C holder, int index) throws Refusal;
  }

  /**
   * Changes an element's value.
   *
   * @param <C> what holds it
   */
  @FunctionalInterface
  public interface Writer<C> {
    /**
     * Replaces element {@code index}.
     *
     * @param old what it is replaced in
     * @return false when the value is no longer {@code old}: somebody else wrote it
     * @throws Refusal with METADATA_FIELD_VALUE_NOT_VALID and the like
     */
    boolean write(C holder, int index, long old, long value) throws Refusal;
  }

  /** Bits of a single element's id that are 0: reserved ones and the counts of sequences. */
  private static final long RESERVED = 0x4083fffcff000000L;

  /** Bits of an id that say which scope it is of; every leaf knows its own. */
  private static final long CONTEXT = 7L << 52;

  /** How a field is written. */
  private enum Kind {
    BITS,
    /** All writable bits at once. */
    WHOLE,
    /** Bits that cannot be written are all ones before an address was given, and 0 afterwards. */
    ADDRESS
  }

  private record Binding<C>(@Nullable Reader<C> reader, @Nullable Writer<C> writer, Kind kind) {}

  private record Element(MetadataField field, int index) {}

  /**
   * Where a walk over the fields is.
   *
   * @param position position of the definition in the table
   * @param index element in the array of fields, always the first one of a field
   */
  record Cursor(int position, int index) {}

  private final List<MetadataField> fields = new ArrayList<>();
  private final Map<String, MetadataField> byName = new HashMap<>();
  private final Map<String, Binding<C>> bindings = new HashMap<>();
  private final Map<Integer, Sparse> sparseClasses = new HashMap<>();
  private final Set<String> absent = new HashSet<>();

  /**
   * A field whose codes have a structure of their own.
   *
   * @param field the definition
   * @param next the code that follows a code in order, the first one for -1, or -1
   */
  private record Sparse(MetadataField field, IntUnaryOperator next) {}

  /**
   * Reads the definitions in the resource {@code name} beside this class.
   *
   * @param vmcsStep distance of codes in fields of class 0: 2 where these are VMCS fields, else 1
   */
  public FieldTable(String name, int vmcsStep) {
    try (InputStream in = FieldTable.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is missing");
      }
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank() && line.charAt(0) != '#') {
          MetadataField field = MetadataField.parse(line, vmcsStep);
          fields.add(field);
          byName.put(field.name(), field);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Binds a readable field. */
  public FieldTable<C> bind(String name, Reader<C> reader) {
    bindings.put(definition(name).name(), new Binding<>(reader, null, Kind.BITS));
    return this;
  }

  /** Binds a field that somebody may write. */
  public FieldTable<C> bind(String name, Reader<C> reader, Writer<C> writer) {
    bindings.put(definition(name).name(), new Binding<>(reader, writer, Kind.BITS));
    return this;
  }

  /** Binds a field that is written as a whole or not at all. */
  public FieldTable<C> bindWhole(String name, Reader<C> reader, Writer<C> writer) {
    bindings.put(definition(name).name(), new Binding<>(reader, writer, Kind.WHOLE));
    return this;
  }

  /** Binds an address that reads all ones until one is written. */
  public FieldTable<C> bindAddress(String name, Reader<C> reader, Writer<C> writer) {
    bindings.put(definition(name).name(), new Binding<>(reader, writer, Kind.ADDRESS));
    return this;
  }

  /** Binds fields of which every element reads {@code value}. */
  public FieldTable<C> bindConstant(long value, String... names) {
    for (String name : names) {
      bind(name, (_, _) -> value);
    }
    return this;
  }

  /** Makes fields of the table unknown: what they belong to does not exist. */
  public FieldTable<C> absent(String... names) {
    for (String name : names) {
      absent.add(definition(name).name());
    }
    return this;
  }

  /**
   * Binds a field whose codes have a structure of their own, the only one in its class. The reader
   * gets the code as index and refuses codes that do not exist.
   *
   * @param next the code that follows an existing code in order, the first one for -1, or -1
   */
  public FieldTable<C> bindSparse(String name, IntUnaryOperator next, Reader<C> reader) {
    MetadataField field = definition(name);
    sparseClasses.put(MetadataField.classOf(field.id()), new Sparse(field, next));
    return bind(name, reader);
  }

  /** Names of the fields that somebody could read by the table but that have no value here. */
  public List<String> withoutValue() {
    return fields.stream()
        .filter(f -> f.masks().stream().anyMatch(m -> m != 0))
        .map(MetadataField::name)
        .filter(n -> !absent.contains(n) && !bindings.containsKey(n))
        .toList();
  }

  /** Names of the fields that somebody could write by the table but that cannot be written here. */
  public List<String> notWritable() {
    return fields.stream()
        .filter(
            f ->
                f.writeMask(AccessMode.HOST) != 0
                    || f.writeMask(AccessMode.HOST_DEBUG) != 0
                    || f.writeMask(AccessMode.GUEST) != 0)
        .map(MetadataField::name)
        .filter(n -> !absent.contains(n))
        .filter(
            n -> {
              Binding<C> b = bindings.get(n);
              return b != null && b.writer == null;
            })
        .toList();
  }

  /** The id of the first element of a field, by its name in the ABI tables. */
  public long idOf(String name) {
    return definition(name).id();
  }

  /** Reads the element that {@code id} names. */
  public long read(C holder, long id, AccessMode mode) throws Refusal {
    Element element = find(id);
    long mask = element.field.readMask(mode);
    Reader<C> reader = reader(element.field);
    if (reader == null) {
      throw new Refusal(Status.METADATA_FIELD_NOT_READABLE);
    }
    long value = reader.read(holder, element.index);
    Refusal.unless(mask != 0, Status.METADATA_FIELD_NOT_READABLE);
    return value & mask;
  }

  /**
   * Writes the bits of {@code mask} that the field allows. Other bits of {@code mask} must keep
   * their value.
   *
   * @return the old value, as far as it is readable
   */
  public long write(C holder, long id, long value, long mask, AccessMode mode) throws Refusal {
    Element element = find(id);
    long allowed = element.field.writeMask(mode);
    Binding<C> binding = bindings.get(element.field.name());
    if (binding == null || binding.reader == null) {
      throw new Refusal(Status.METADATA_FIELD_NOT_WRITABLE);
    }
    long old = binding.reader.read(holder, element.index);
    if (binding.writer == null || (allowed & mask) == 0) {
      throw new Refusal(Status.METADATA_FIELD_NOT_WRITABLE);
    }
    long kept = binding.kind == Kind.ADDRESS && old < 0 ? old & allowed : old;
    Refusal.unless(((kept ^ value) & mask & ~allowed) == 0, Status.METADATA_FIELD_VALUE_NOT_VALID);
    Refusal.unless(
        binding.kind != Kind.WHOLE || (allowed & mask) == allowed,
        Status.METADATA_WR_MASK_NOT_VALID);
    long next = kept & ~(allowed & mask) | value & allowed & mask;
    if (!binding.writer.write(holder, element.index, old, next)) {
      throw new Refusal(Status.OPERAND_BUSY, Operand.METADATA_FIELD);
    }
    return old & element.field.readMask(mode);
  }

  /** Whether {@code id} is {@link #NO_FIELD}; its context does not count. */
  public static boolean isNoField(long id) {
    return (id | CONTEXT) == NO_FIELD;
  }

  /** The id of the first element that the table lets {@code mode} read, or {@link #NO_FIELD}. */
  public long firstReadable(AccessMode mode) {
    return firstReadableFrom(0, mode);
  }

  /**
   * The id of the element that follows {@code id} in the order of the tables and that the table
   * lets {@code mode} read. Reading it can fail still: a CPUID value that always raises #VE has an
   * id and no value.
   */
  public long nextReadable(long id, AccessMode mode) throws Refusal {
    Element element = find(id);
    MetadataField field = element.field;
    long own = id & ~CONTEXT | field.id() & CONTEXT;
    Sparse sparse = sparseClasses.get(MetadataField.classOf(field.id()));
    if (sparse != null) {
      int code = sparse.next.applyAsInt(element.index);
      if (code >= 0) {
        return own & ~MetadataField.CODE_MASK | code;
      }
    } else if (element.index + 1 < field.count()) {
      return own + field.step();
    }
    return firstReadableFrom(fields.indexOf(field) + 1, mode);
  }

  /** The first field that {@code mode} can read, or null. */
  @Nullable Cursor firstCursor(AccessMode mode) {
    return cursorFrom(0, mode);
  }

  /**
   * The field that begins at {@code id}, which names the size of its elements; bits of other uses
   * do not count.
   */
  Cursor cursorAt(long id) throws Refusal {
    for (int i = 0; i < fields.size(); i++) {
      MetadataField f = fields.get(i);
      int index = f.indexOf(id);
      if (index >= 0 && !absent.contains(f.name())) {
        Refusal.unless(
            index % f.elements() == 0 && f.hasSizeOf(id), Status.METADATA_FIELD_ID_INCORRECT);
        return new Cursor(i, index);
      }
    }
    throw new Refusal(Status.METADATA_FIELD_ID_INCORRECT);
  }

  /** The next field that {@code mode} can read after the one at {@code cursor}, or null. */
  @Nullable Cursor next(Cursor cursor, AccessMode mode) {
    MetadataField field = fields.get(cursor.position);
    int index = cursor.index + field.elements();
    return index < field.count() && readable(field, mode)
        ? new Cursor(cursor.position, index)
        : cursorFrom(cursor.position + 1, mode);
  }

  /** The definition of the field at {@code cursor}. */
  MetadataField fieldAt(Cursor cursor) {
    return fields.get(cursor.position);
  }

  /** Whether {@code mode} can read the field. */
  boolean readable(MetadataField field, AccessMode mode) {
    return field.readMask(mode) != 0 && reader(field) != null && !absent.contains(field.name());
  }

  private @Nullable Cursor cursorFrom(int position, AccessMode mode) {
    for (int i = position; i < fields.size(); i++) {
      if (readable(fields.get(i), mode)) {
        return new Cursor(i, 0);
      }
    }
    return null;
  }

  private long firstReadableFrom(int position, AccessMode mode) {
    Cursor cursor = cursorFrom(position, mode);
    if (cursor == null) {
      return NO_FIELD;
    }
    MetadataField f = fields.get(cursor.position);
    Sparse sparse = sparseClasses.get(MetadataField.classOf(f.id()));
    return sparse == null ? f.id() : f.id() & ~MetadataField.CODE_MASK | sparse.next.applyAsInt(-1);
  }

  private Element find(long id) throws Refusal {
    Refusal.unless((id & RESERVED) == 0, Status.METADATA_FIELD_ID_INCORRECT);
    Sparse sparse = sparseClasses.get(MetadataField.classOf(id));
    if (sparse != null) {
      return new Element(sparse.field, (int) (id & MetadataField.CODE_MASK));
    }
    for (MetadataField f : fields) {
      int index = f.indexOf(id);
      if (index >= 0 && !absent.contains(f.name())) {
        return new Element(f, index);
      }
    }
    throw new Refusal(Status.METADATA_FIELD_ID_INCORRECT);
  }

  private @Nullable Reader<C> reader(MetadataField field) {
    Binding<C> binding = bindings.get(field.name());
    return binding == null ? null : binding.reader;
  }

  private MetadataField definition(String name) {
    MetadataField field = byName.get(name);
    if (field == null) {
      throw new IllegalArgumentException("no metadata field " + name);
    }
    return field;
  }
}
