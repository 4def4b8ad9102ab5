package org.swtdx.seamcall;

/** How bringing up the TDX module ended. */
public sealed interface BringUp {
  /**
   * The module is ready to create TDs.
   *
   * @param platform the wrappers
   */
  record Ready(TdxPlatform platform) implements BringUp {}

  /**
   * A leaf refused; everything that was allocated has been given back.
   *
   * @param leaf the leaf, empty when it never came to a SEAMCALL
   * @param status its status as text
   * @param remedy what to do about it
   */
  record Failed(String leaf, String status, String remedy) implements BringUp {
    @Override
    public String toString() {
      return leaf.isEmpty() ? status + "; " + remedy : leaf + ": " + status + "; " + remedy;
    }
  }
}
