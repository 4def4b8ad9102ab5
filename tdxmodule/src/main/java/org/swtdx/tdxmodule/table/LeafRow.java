package org.swtdx.tdxmodule.table;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.swtdx.tdxmodule.platform.TdxPlatform;

/**
 * A leaf as its table has it.
 *
 * @param number leaf number, RAX bits 15:0
 * @param name name in the ABI specification
 * @param feature the feature a leaf belongs to that this module does not offer; empty otherwise
 * @param maxVersion highest version, RAX bits 23:16
 * @param early whether it answers before the module is ready
 * @param opStates bitmap of the TD operation states it is allowed in, by value
 * @param septStates bitmap of the Secure EPT entry states it accepts, by position
 */
public record LeafRow(
    int number,
    String name,
    String feature,
    int maxVersion,
    boolean early,
    int opStates,
    int septStates) {
  private static final int WORDS = 6;

  /** Reads all rows of the leaf table {@code name}, which lies beside a class. */
  public static List<LeafRow> load(Class<?> beside, String name) {
    List<LeafRow> rows = new ArrayList<>();
    for (String line : TableText.rows(beside, name)) {
      rows.add(parse(line));
    }
    return rows;
  }

  private static LeafRow parse(String line) {
    String[] words = line.split(" ", WORDS);
    int number = Integer.parseInt(words[0]);
    if (words[2].equals("-")) {
      return new LeafRow(number, words[1], words[3], 0, false, 0, 0);
    }
    int version = words[2].charAt(words[2].length() - 1) - '0';
    boolean early = words[3].equals("early");
    return new LeafRow(number, words[1], "", version, early, states(words[4]), states(words[5]));
  }

  private static int states(String columns) {
    int bits = 0;
    for (int i = 0; i < columns.length(); i++) {
      bits |= columns.charAt(i) == 'x' ? 1 << i : 0;
    }
    return bits;
  }

  /** Whether this module has the leaf. */
  public boolean offered() {
    return feature.isEmpty();
  }

  /** The simple name of the leaf's class: TdhMemPageAug for TDH.MEM.PAGE.AUG. */
  public String className() {
    StringBuilder b = new StringBuilder();
    for (String part : name.split("\\.", -1)) {
      b.append(part.charAt(0)).append(part.substring(1).toLowerCase(Locale.ROOT));
    }
    return b.toString();
  }

  /**
   * Creates the leaf's object. Its class is in the package of {@code type} and has one constructor,
   * without parameters or with the platform-scope state.
   *
   * @param type the interface of leaves
   */
  public <L> L create(Class<L> type, TdxPlatform platform) {
    try {
      Class<?> leaf = Class.forName(type.getPackageName() + "." + className());
      Constructor<?> constructor = leaf.getDeclaredConstructors()[0];
      constructor.setAccessible(true);
      return type.cast(
          constructor.getParameterCount() == 0
              ? constructor.newInstance()
              : constructor.newInstance(platform));
    } catch (ClassNotFoundException
        | InstantiationException
        | IllegalAccessException
        | InvocationTargetException e) {
      throw new IllegalStateException("the leaf " + name + " needs a class " + className(), e);
    }
  }
}
