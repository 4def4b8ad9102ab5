package org.swtdx.embedded.assembler;

/** A place in the code that may be named before it is known. */
public final class Label {
  private static final int UNBOUND = -1;

  private final String name;
  private int offset = UNBOUND;

  /** Creates a label; the name is for messages. */
  public Label(String name) {
    this.name = name;
  }

  void bind(int at) {
    if (offset != UNBOUND) {
      throw new IllegalStateException("label " + name + " is in two places");
    }
    offset = at;
  }

  /** Bytes from the beginning of the code. */
  int offset() {
    if (offset == UNBOUND) {
      throw new IllegalStateException("label " + name + " is nowhere");
    }
    return offset;
  }

  @Override
  public String toString() {
    return name;
  }
}
